package config

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"bowecho/internal/mistake"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// place puts in front of each error where in a YAML text its cause stands, where that can be told: for a mistake by the
// key's path and the place in its value, for others by the path with which they begin, like "dispatcher.scaling.max is 0".
func place(data []byte, err error) error {
	file, broken := parser.ParseBytes(data, 0)
	if err == nil || broken != nil || len(file.Docs) == 0 {
		return err
	}
	text := strings.Split(string(data), "\n")
	var errs []error
	for _, one := range mistake.All(err) {
		errs = append(errs, placed(file.Docs[0].Body, text, one))
	}
	return errors.Join(errs...)
}

// keyPath is the path at the begin of an error's text, and the key that the text goes on with.
var keyPath = regexp.MustCompile(`^([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_-]+|\[\d+\])+)(?:: ([a-z_]+(?:\.[a-z_]+)*) (?:is|names|has|makes)\b)?`)

func placed(root ast.Node, text []string, err error) error {
	var m *mistake.Mistake
	if !errors.As(err, &m) {
		found := keyPath.FindStringSubmatch(err.Error())
		if found == nil {
			return err
		}
		at := find(root, strings.TrimSuffix(found[1]+"."+found[2], "."))
		if at.depth == 0 {
			return err
		}
		return &Fault{Line: at.line, Column: at.column, Err: err}
	}
	at := find(root, m.Path)
	if at.depth == 0 {
		return err
	}
	if at.whole && m.Line > 0 {
		at.line, at.column = inValue(at.value, text, m.Line, m.Column)
	}
	return &Fault{Line: at.line, Column: at.column, Err: errors.New(m.Text)}
}

// spot is where a key stands that a path leads to, or as far as the text follows the path.
type spot struct {
	line, column int
	depth        int      // keys of the path that were found
	whole        bool     // all of them
	value        ast.Node // of the last
}

var pathPart = regexp.MustCompile(`[^.\[\]]+`)

// find follows a path from a node: keys of maps, and elements of lists by number or by their name.
func find(node ast.Node, path string) (at spot) {
	parts := pathPart.FindAllString(path, -1)
	for _, part := range parts {
		key, next := child(plain(node), part)
		if next == nil {
			return at
		}
		node = next
		at.depth++
		at.value = plain(node)
		from := key
		if _, scalar := at.value.(ast.ScalarNode); scalar || key == nil {
			from = at.value
		}
		if t := from.GetToken(); t != nil {
			at.line, at.column = t.Position.Line, t.Position.Column
		}
	}
	at.whole = at.depth == len(parts)
	return at
}

// plain gives a node without its anchor or tag.
func plain(node ast.Node) ast.Node {
	switch n := node.(type) {
	case *ast.AnchorNode:
		return plain(n.Value)
	case *ast.TagNode:
		return plain(n.Value)
	default:
		return node
	}
}

// child gives what a key, a number or a name leads to in a map or a list, and the key's own node in a map.
func child(node ast.Node, part string) (key, value ast.Node) {
	switch n := node.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			if v.Key.GetToken().Value == part {
				return v.Key, v.Value
			}
		}
	case *ast.MappingValueNode:
		if n.Key.GetToken().Value == part {
			return n.Key, n.Value
		}
	case *ast.SequenceNode:
		for i, v := range n.Values {
			_, name := child(plain(v), "name")
			if strconv.Itoa(i) == part || name != nil && name.GetToken().Value == part {
				return nil, v
			}
		}
	}
	return nil, nil
}

// inValue gives the place in the YAML text of a line and column of a text value. However the value is written, plain,
// quoted or as a block, its letters follow each other as they do in the YAML text; only white space differs.
func inValue(value ast.Node, text []string, line, column int) (atLine, atColumn int) {
	start := value.GetToken().Position
	cursor := &cursor{text: text, line: start.Line - 1, column: start.Column - 1}
	content, quote := "", rune(0)
	switch n := value.(type) {
	case *ast.LiteralNode:
		content = n.Value.Value
		cursor.line, cursor.column = cursor.line+1, 0
	case *ast.StringNode:
		content = n.Value
		if r := cursor.peek(); r == '\'' || r == '"' {
			quote = r
			cursor.column++
		}
	default:
		return start.Line, start.Column
	}
	for range letters(content, line, column) {
		cursor.next()
		cursor.pass(quote)
	}
	cursor.next()
	return cursor.line + 1, cursor.column + 1
}

// letters counts the letters, white space not among them, before a line and column of a text. At the text's end it is
// those before the last one.
func letters(content string, line, column int) (before int) {
	atLine, atColumn, all := 1, 1, 0
	for _, r := range content {
		if atLine < line || atLine == line && atColumn < column {
			before = all
			if !unicode.IsSpace(r) {
				before++
			}
		}
		if !unicode.IsSpace(r) {
			all++
		}
		atColumn++
		if r == '\n' {
			atLine, atColumn = atLine+1, 1
		}
	}
	return max(min(before, all-1), 0)
}

// cursor is a place in a text of lines, from 0.
type cursor struct {
	text         []string
	line, column int
}

// peek gives the letter at the cursor; zero at a line's end.
func (c *cursor) peek() rune {
	if c.line >= len(c.text) {
		return 0
	}
	line := []rune(c.text[c.line])
	if c.column >= len(line) {
		return 0
	}
	return line[c.column]
}

// next goes on to a letter that is no white space.
func (c *cursor) next() {
	for c.line < len(c.text) {
		switch r := c.peek(); {
		case r == 0:
			c.line, c.column = c.line+1, 0
		case unicode.IsSpace(r):
			c.column++
		default:
			return
		}
	}
}

// pass goes past one letter of a value, which takes two where it is escaped.
func (c *cursor) pass(quote rune) {
	r := c.peek()
	c.column++
	if quote == '"' && r == '\\' || quote == '\'' && r == '\'' {
		c.column++
	}
}
