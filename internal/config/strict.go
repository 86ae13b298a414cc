package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"bowecho/internal/mistake"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// unknownKeys tells all keys of a YAML text that what it is read into does not have. What reads itself checks itself.
func unknownKeys(node ast.Node, into reflect.Type) error {
	for into.Kind() == reflect.Pointer {
		into = into.Elem()
	}
	if readsItself(into) {
		return nil
	}
	var errs []error
	switch n := plain(node).(type) {
	case *ast.MappingValueNode:
		return unknownKey(n, into)
	case *ast.MappingNode:
		for _, v := range n.Values {
			errs = append(errs, unknownKey(v, into))
		}
	case *ast.SequenceNode:
		if into.Kind() == reflect.Slice || into.Kind() == reflect.Array {
			for _, v := range n.Values {
				errs = append(errs, unknownKeys(v, into.Elem()))
			}
		}
	}
	return errors.Join(errs...)
}

func unknownKey(v *ast.MappingValueNode, into reflect.Type) error {
	switch into.Kind() {
	case reflect.Map:
		return unknownKeys(v.Value, into.Elem())
	case reflect.Struct:
	default:
		return nil // of another type, which reading tells
	}
	t := v.Key.GetToken()
	if t == nil || v.Key.IsMergeKey() {
		return nil
	}
	known := fields(into)
	if field, there := known[t.Value]; there {
		return unknownKeys(v.Value, field)
	}
	names := slices.Sorted(maps.Keys(known))
	remedy := mistake.Proposal(t.Value, names)
	if remedy == "" {
		remedy = "; want one of " + strings.Join(names, ", ")
	}
	return &Fault{Line: t.Position.Line, Column: t.Position.Column, Err: fmt.Errorf("unknown field %q%s", t.Value, remedy)}
}

// fields gives the types of a struct's keys, those of inlined structs among them.
func fields(of reflect.Type) map[string]reflect.Type {
	found := map[string]reflect.Type{}
	for i := range of.NumField() {
		f := of.Field(i)
		name, inline := yamlName(f)
		switch {
		case inline:
			maps.Copy(found, fields(f.Type))
		case name != "":
			found[name] = f.Type
		}
	}
	return found
}

// readsItself tells whether a type has a reader of its own.
func readsItself(t reflect.Type) bool {
	for _, reader := range []reflect.Type{
		reflect.TypeFor[yaml.BytesUnmarshaler](), reflect.TypeFor[yaml.InterfaceUnmarshaler](), reflect.TypeFor[yaml.NodeUnmarshaler](),
	} {
		if reflect.PointerTo(t).Implements(reader) {
			return true
		}
	}
	return false
}
