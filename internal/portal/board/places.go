package board

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// SetPlace puts what a bucket holds under a key on a board; nil: nothing any more. What is not valid counts as nothing.
type SetPlace func(b *Board, key string, value []byte) []Change

// SetOwn sets a place that was made over HTTP.
func SetOwn(b *Board, key string, value []byte) []Change { return set(b, b.own, key, value) }

// SetState sets how it stands at a place.
func SetState(b *Board, key string, value []byte) []Change { return set(b, b.standing, key, value) }

func set[V interface{ Validate() error }](b *Board, m map[string]V, key string, value []byte) []Change {
	var v V
	if value == nil || json.Unmarshal(value, &v) != nil || v.Validate() != nil {
		delete(m, key)
	} else {
		m[key] = v
	}
	return []Change{{"places", b.Places()}}
}

// Places gives all places in the order of their names: those made over HTTP and those that alerts knows otherwise.
func (b *Board) Places() []Watched {
	all := map[string]Watched{}
	for key, s := range b.standing {
		all[key] = Watched{Place: s.Place, State: &s}
	}
	for key, place := range b.own {
		all[key] = Watched{Place: place, Own: true, State: all[key].State}
	}
	list := slices.AppendSeq([]Watched{}, maps.Values(all))
	slices.SortFunc(list, func(a, b Watched) int { return strings.Compare(a.Name, b.Name) })
	return list
}
