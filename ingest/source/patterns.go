package source

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
)

// CheckPatterns tells whether all patterns can be read.
func CheckPatterns(patterns []string) error {
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("pattern %q: %w; want one like KFWS*", p, err)
		}
	}
	return nil
}

// Only gives a source whose files are to be read where their name matches one of the patterns, as of a shell, and told of
// where not. Without patterns all are to be read.
func Only(from Source, patterns []string) Source {
	if len(patterns) == 0 {
		return from
	}
	return only{from, patterns}
}

type only struct {
	Source
	patterns []string
}

// Line gives that of the source, where it has one.
func (o only) Line() *Line {
	if r, ok := o.Source.(Remote); ok {
		return r.Line()
	}
	return nil
}

func (o only) Run(ctx context.Context, emit func(context.Context, File) error) error {
	return o.Source.Run(ctx, func(ctx context.Context, f File) error {
		if f.PassOver == "" && !slices.ContainsFunc(o.patterns, func(p string) bool { ok, err := path.Match(p, path.Base(f.Name)); return ok && err == nil }) {
			f.PassOver = "its name matches none of " + strings.Join(o.patterns, ", ")
		}
		return emit(ctx, f)
	})
}
