package trigger

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
)

// Vocabulary is the names that an expression may use, each with its type, so that a slip is found when the config is
// read and not when the weather comes:
//
//	regime                      "unknown", "clear", "stratiform" or "convective"
//	domain                      the domain's name
//	time, hour, minute, weekday of the data, in UTC; "monday" to "sunday"
//	summary.*                   max_dbz, echo_fraction, cells, km2_20, km2_35, km2_40, km2_45, km2_55 of the radars together
//	radars.*                    ok, late, silent, convective: how many radars are
//	products.<product>.*        as summary, of the newest grid; largest, its largest value in its units; age_s, how old it is
//	products.<product>.lead(15) the same of the grid's lead time nearest to so many minutes, at most 2.5 away
//	queue.<chain>               orders that wait
//	queue_age_s.<chain>         how long the oldest of them has waited
//	warnings                    those in force that touch the domain, a list: event, severity, urgency, certainty, area, feed
//	feed_age_s.<feed>           seconds since the feed was last heard
type Vocabulary struct {
	names []string // all that can stand before an operator, in full
	env   *cel.Env
}

// Known is what the config names that expressions may speak of.
type Known struct {
	Chains, Products, Feeds []string
}

// NewVocabulary gives the names for what a config names.
func NewVocabulary(known Known) (*Vocabulary, error) {
	v := &Vocabulary{}
	options := []cel.EnvOption{
		cel.CrossTypeNumericComparisons(true), // so that 25 will do for 25.0
		ext.NativeTypes(reflect.TypeFor[summary](), reflect.TypeFor[product](), reflect.TypeFor[radars](), reflect.TypeFor[warning](),
			ext.ParseStructTags(true)),
		cel.Function("lead", cel.MemberOverload("product_lead_int", []*cel.Type{typeOf[product](), cel.IntType}, typeOf[product](),
			cel.BinaryBinding(v.lead))),
	}
	declare := func(name string, t *cel.Type) {
		options = append(options, cel.Variable(name, t))
		v.names = append(append(v.names, name), fields(name, t)...)
	}
	for name, t := range map[string]*cel.Type{
		"regime": cel.StringType, "domain": cel.StringType, "weekday": cel.StringType,
		"time": cel.TimestampType, "hour": cel.IntType, "minute": cel.IntType,
		"summary": typeOf[summary](), "radars": typeOf[radars](), "warnings": cel.ListType(typeOf[warning]()),
	} {
		declare(name, t)
	}
	for _, chain := range known.Chains {
		declare("queue."+chain, cel.IntType)
		declare("queue_age_s."+chain, cel.DoubleType)
	}
	for _, name := range known.Products {
		declare("products."+name, typeOf[product]())
	}
	for _, feed := range known.Feeds {
		declare("feed_age_s."+feed, cel.DoubleType)
	}
	slices.Sort(v.names)
	var err error
	if v.env, err = cel.NewEnv(options...); err != nil {
		return nil, fmt.Errorf("names of trigger expressions: %w", err)
	}
	return v, nil
}

// typeOf gives the type under which expressions know one of ours.
func typeOf[T any]() *cel.Type { return cel.ObjectType(reflect.TypeFor[T]().String()) }

// fields gives the full names of what a variable holds.
func fields(name string, t *cel.Type) (names []string) {
	for _, of := range []reflect.Type{reflect.TypeFor[summary](), reflect.TypeFor[product](), reflect.TypeFor[radars](), reflect.TypeFor[warning]()} {
		if of.String() != t.TypeName() {
			continue
		}
		for _, f := range reflect.VisibleFields(of) {
			if tag := f.Tag.Get("cel"); f.IsExported() && tag != "" {
				names = append(names, name+"."+tag)
			}
		}
	}
	return names
}

// lead gives what a product shows at its lead time nearest to some minutes ahead.
func (v *Vocabulary) lead(of, minutes ref.Val) ref.Val {
	p, isProduct := of.Value().(product)
	ahead, isInt := minutes.Value().(int64)
	if !isProduct || !isInt {
		return types.MaybeNoSuchOverloadErr(of)
	}
	s, err := p.ahead(float64(ahead))
	if err != nil {
		return types.WrapErr(err)
	}
	return v.env.CELTypeAdapter().NativeToValue(s)
}

// within gives what can follow some parts of a name, sorted.
func (v *Vocabulary) within(parts []string) (next []string) {
	prefix := strings.Join(append(slices.Clone(parts), ""), ".")
	for _, name := range v.names {
		if rest, found := strings.CutPrefix(name, prefix); found && rest != "" {
			next = append(next, root(rest))
		}
	}
	slices.Sort(next)
	return slices.Compact(next)
}
