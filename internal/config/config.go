// Package config reads the one YAML file: over defaults, strictly, with errors that point at the line.
package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxBytes and maxAliases keep a hostile or mistaken file from taking all memory.
const (
	maxBytes   = 4 << 20
	maxAliases = 1000
)

// Load reads a YAML file over what into already holds. Unknown and doubled keys are refused.
func Load(path string, into any) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read config: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return fmt.Errorf("read config %s: %w", path, err)
	}
	if err := Parse(data, into); err != nil {
		return fmt.Errorf("%s%w", path, err)
	}
	return nil
}

// Parse reads YAML over what into already holds. Errors begin with ":line:column: " where the place is known.
func Parse(data []byte, into any) error {
	if len(data) > maxBytes {
		return fmt.Errorf(": more than %d bytes; a config is text of a few pages", maxBytes)
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return located(err, nil)
	}
	if n := aliases(file); n > maxAliases {
		return fmt.Errorf(": %d aliases, want at most %d", n, maxAliases)
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil // an empty file changes nothing
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
		return fmt.Errorf(": %w", err)
	}
	message := y.GetMessage()
	if m := unknownField.FindStringSubmatch(message); m != nil && into != nil {
		if near := Nearest(m[1], keys(into)); near != "" {
			message += fmt.Sprintf("; did you mean %q?", near)
		}
	}
	if t := y.GetToken(); t != nil && t.Position != nil {
		return fmt.Errorf(":%d:%d: %s", t.Position.Line, t.Position.Column, message)
	}
	return fmt.Errorf(": %s", message)
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
