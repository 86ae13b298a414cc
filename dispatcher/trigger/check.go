package trigger

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"bowecho/dispatcher/weather"
	"bowecho/internal/mistake"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// words is what names that hold one of a few words may be compared with.
var words = map[string][]string{
	"regime":  {string(weather.Unknown), string(weather.Clear), string(weather.Stratiform), string(weather.Convective)},
	"weekday": {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"},
}

// compile checks an expression. Its mistakes name the line and column in it.
func (v *Vocabulary) compile(text string) (*question, []mistake.Mistake) {
	checked, issues := v.env.Compile(text)
	if issues.Err() != nil {
		return nil, v.explained(text, issues.Errors())
	}
	if checked.OutputType() != cel.BoolType {
		return nil, []mistake.Mistake{{Text: fmt.Sprintf("the expression gives a %s, want true or false", checked.OutputType())}}
	}
	r := reading{tree: checked.NativeRep(), vocabulary: v}
	r.walk(ast.NavigateAST(r.tree))
	if len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	if r.asksUnknown {
		r.needs = slices.DeleteFunc(r.needs, func(name string) bool { return name == "regime" })
	}
	slices.Sort(r.needs)
	q := &question{names: slices.Compact(r.needs), parts: r.parts}
	var err error
	if q.program, err = v.env.Program(checked, cel.CostLimit(costLimit)); err == nil {
		q.traced, err = v.env.Program(checked, cel.CostLimit(costLimit), cel.EvalOptions(cel.OptExhaustiveEval))
	}
	if err != nil {
		return nil, []mistake.Mistake{{Text: err.Error()}}
	}
	return q, nil
}

// explained gives what CEL found wrong in our words, with what was likely meant.
func (v *Vocabulary) explained(text string, found []*cel.Error) (list []mistake.Mistake) {
	for _, e := range found {
		column, remedy := v.remedy(text, e)
		list = append(list, mistake.Mistake{
			Line: max(e.Location.Line(), 1), Column: max(column+1, 1), // an end that comes too soon has none
			Text: withoutHint.ReplaceAllString(e.Message, "") + remedy,
		})
	}
	return list
}

// withoutHint is what CEL adds of its own: what it means is in remedy.
var withoutHint = regexp.MustCompile(` \((?:in container|did you mean|enable with) .*\)`)

var misspelt = regexp.MustCompile(`^(?:undeclared reference to|undefined field) '([^']+)'`)

// remedy gives the column, from 0, of what is wrong, and what to do: what a name that CEL does not know may have been.
func (v *Vocabulary) remedy(text string, e *cel.Error) (column int, remedy string) {
	column = e.Location.Column()
	if strings.Contains(e.Message, "'(double, int)'") || strings.Contains(e.Message, "'(int, double)'") {
		return column, "; write the number with a point, like 40.0"
	}
	m := misspelt.FindStringSubmatch(e.Message)
	if m == nil {
		return column, ""
	}
	from, name, call := nameAt(text, e.Location)
	last := m[1][strings.LastIndex(m[1], ".")+1:]
	switch {
	case call && (name == last || strings.HasSuffix(name, "."+last)):
		return from + len([]rune(name)) - len([]rune(last)), mistake.Proposal(last, functions)
	case strings.HasPrefix(name, "."): // of what a call gave: a lead time
		return from + 1, mistake.Proposal(last, v.within([]string{"summary"}))
	}
	parts := strings.Split(name, ".")
	for i, part := range parts {
		next := v.within(parts[:i])
		if slices.Contains(next, part) {
			continue
		}
		before := strings.Join(append(slices.Clone(parts[:i]), ""), ".")
		column = from + len([]rune(before))
		switch near := mistake.Nearest(part, next); {
		case near != "":
			return column, fmt.Sprintf("; did you mean %q?", before+near)
		case len(next) > 0 && i > 0:
			return column, fmt.Sprintf("; %s has %s", strings.TrimSuffix(before, "."), strings.Join(next, ", "))
		}
		return column, ""
	}
	return column, ""
}

// functions is what may be meant by a misspelt one.
var functions = []string{
	"all", "contains", "endsWith", "exists", "exists_one", "filter", "lead", "map", "matches", "size", "startsWith", "timestamp", "duration",
}

// nameAt gives the dotted name that lies across a place in an expression, the column from 0 where it begins, and whether
// it is a function's.
func nameAt(text string, at common.Location) (from int, name string, call bool) {
	lines := strings.Split(text, "\n")
	if at.Line() < 1 || at.Line() > len(lines) {
		return at.Column(), "", false
	}
	line := []rune(lines[at.Line()-1])
	part := func(r rune) bool { return r == '.' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	from = min(max(at.Column(), 0), len(line))
	to := from
	for from > 0 && part(line[from-1]) {
		from--
	}
	for to < len(line) && part(line[to]) {
		to++
	}
	return from, string(line[from:to]), to < len(line) && line[to] == '('
}

// part is a piece of an expression whose value tells why it holds.
type part struct {
	id   int64
	text string
}

// reading is what an expression names.
type reading struct {
	tree        *ast.AST
	vocabulary  *Vocabulary
	needs       []string // variables
	parts       []part
	asksUnknown bool // whether the regime is unknown
	mistakes    []mistake.Mistake
}

func (r *reading) walk(e ast.NavigableExpr) {
	if name := r.variable(e); name != "" {
		r.needs = append(r.needs, name)
		r.parts = append(r.parts, part{e.ID(), r.written(e)})
	} else {
		r.compared(e)
	}
	for _, child := range e.Children() {
		if r.variable(e) == "" || r.variable(child) == "" {
			r.walk(child)
		}
	}
}

// variable gives the name of our own on which something stands, with what is taken from it: its field, or a lead time.
func (r *reading) variable(e ast.Expr) string {
	switch e.Kind() {
	case ast.IdentKind:
		if slices.Contains(r.vocabulary.names, e.AsIdent()) {
			return e.AsIdent()
		}
	case ast.SelectKind:
		return r.variable(e.AsSelect().Operand())
	case ast.CallKind:
		if call := e.AsCall(); call.IsMemberFunction() && call.FunctionName() == "lead" {
			return r.variable(call.Target())
		}
	}
	return ""
}

// written gives a piece as it may be written.
func (r *reading) written(e ast.Expr) string {
	switch e.Kind() {
	case ast.SelectKind:
		return r.written(e.AsSelect().Operand()) + "." + e.AsSelect().FieldName()
	case ast.CallKind:
		minutes := "…"
		if arg := e.AsCall().Args()[0]; arg.Kind() == ast.LiteralKind {
			minutes = fmt.Sprint(arg.AsLiteral().Value())
		}
		return r.written(e.AsCall().Target()) + ".lead(" + minutes + ")"
	default:
		return e.AsIdent()
	}
}

// compared checks words that are compared with a name that holds one of a few.
func (r *reading) compared(e ast.Expr) {
	if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 2 {
		return
	}
	one, other := e.AsCall().Args()[0], e.AsCall().Args()[1]
	switch e.AsCall().FunctionName() {
	case operators.Equals, operators.NotEquals:
		r.word(one, other)
		r.word(other, one)
	case operators.In:
		if other.Kind() == ast.ListKind {
			for _, element := range other.AsList().Elements() {
				r.word(one, element)
			}
		}
	}
}

// word checks a text that a name is compared with.
func (r *reading) word(name, text ast.Expr) {
	known := words[r.variable(name)]
	if known == nil || text.Kind() != ast.LiteralKind {
		return
	}
	value, isText := text.AsLiteral().Value().(string)
	if isText && !slices.Contains(known, value) {
		at := r.tree.SourceInfo().GetStartLocation(text.ID())
		r.mistakes = append(r.mistakes, mistake.Mistake{
			Line: at.Line(), Column: at.Column() + 1,
			Text: fmt.Sprintf("%s is never %q, want one of %s%s", r.variable(name), value, strings.Join(known, ", "), mistake.Proposal(value, known)),
		})
	}
	r.asksUnknown = r.asksUnknown || value == string(weather.Unknown)
}

// checkOpens checks the chains that a rule opens.
func (v *Vocabulary) checkOpens(r Rule) error {
	var errs []error
	chains := v.within([]string{"queue"})
	for i, chain := range r.Opens {
		if !slices.Contains(chains, chain) {
			errs = append(errs, r.mistake(fmt.Sprintf("opens[%d]", i),
				fmt.Sprintf("opens %q, which is no chain%s", chain, mistake.Proposal(chain, chains))))
		}
	}
	return errors.Join(errs...)
}
