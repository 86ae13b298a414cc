// Package config reads the one YAML file: over defaults, strictly, with errors that point at the line.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"bowecho/internal/mistake"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxBytes and maxAliases keep a hostile or mistaken file from taking all memory.
const (
	maxBytes   = 4 << 20
	maxAliases = 1000
)

// Load reads a YAML file over what into already holds, and checks it. Unknown and doubled keys are refused. All errors
// begin with the file, and with the line and column where these are known.
func Load(path string, into any, checks ...func() error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read config: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return fmt.Errorf("read config: %w", err)
	}
	err = Parse(data, into)
	for _, check := range checks {
		if err == nil {
			err = place(data, check())
		}
	}
	return inFile(path, err)
}

// Fault is one thing that is wrong with a file.
type Fault struct {
	File         string
	Line, Column int // 0: not known
	Err          error
}

// Error begins with the file and the place.
func (f *Fault) Error() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %v", f.File, f.Err)
	}
	return fmt.Sprintf("%s:%d:%d: %v", f.File, f.Line, f.Column, f.Err)
}

// Unwrap gives what is wrong.
func (f *Fault) Unwrap() error { return f.Err }

// Faults gives all that is wrong, one by one, in the order of the file.
func Faults(err error) (list []*Fault) {
	for _, one := range mistake.All(err) {
		var f *Fault
		if !errors.As(one, &f) {
			f = &Fault{Err: one}
		}
		list = append(list, f)
	}
	slices.SortStableFunc(list, func(a, b *Fault) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return list
}

// inFile gives all that is wrong with a file, with its name.
func inFile(path string, err error) error {
	var errs []error
	for _, f := range Faults(err) {
		f.File = path
		errs = append(errs, f)
	}
	return errors.Join(errs...)
}

// Parse reads YAML over what into already holds. Errors are Faults where the place is known.
func Parse(data []byte, into any) error {
	if len(data) > maxBytes {
		return fmt.Errorf("more than %d bytes; a config is text of a few pages", maxBytes)
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return located(err, nil)
	}
	if n := aliases(file); n > maxAliases {
		return fmt.Errorf("%d aliases, want at most %d", n, maxAliases)
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil // an empty file changes nothing
	}
	if err := unknownKeys(file.Docs[0].Body, reflect.TypeOf(into)); err != nil {
		return err
	}
	err = yaml.UnmarshalWithOptions(data, into, yaml.Strict())
	return located(atValue(err, data), into)
}

var quotedValue = regexp.MustCompile(`"([^"\\]+)"$`)

// atValue puts the line in front of an error of a value's own parser, which knows the value but not its place.
func atValue(err error, data []byte) error {
	var y yaml.Error
	if err == nil || errors.As(err, &y) {
		return err
	}
	if m := quotedValue.FindStringSubmatch(err.Error()); m != nil {
		if before, _, found := strings.Cut(string(data), m[1]); found {
			return fmt.Errorf("line %d: %w", 1+strings.Count(before, "\n"), err)
		}
	}
	return err
}

// located puts the position in front of a YAML error and a likely remedy behind it.
func located(err error, into any) error {
	if err == nil {
		return nil
	}
	var y yaml.Error
	if !errors.As(err, &y) {
		return err
	}
	message := y.GetMessage()
	if m := unknownField.FindStringSubmatch(message); m != nil && into != nil {
		message += mistake.Proposal(m[1], keys(into))
	}
	if t := y.GetToken(); t != nil && t.Position != nil {
		return &Fault{Line: t.Position.Line, Column: t.Position.Column, Err: errors.New(message)}
	}
	return errors.New(message)
}

var unknownField = regexp.MustCompile(`unknown field "([^"]+)"`)

func aliases(file *ast.File) int {
	count := counter{}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			ast.Walk(&count, doc.Body)
		}
	}
	return count.aliases
}

type counter struct{ aliases int }

func (c *counter) Visit(n ast.Node) ast.Visitor {
	if n.Type() == ast.AliasType {
		c.aliases++
	}
	return c
}
