// Package sourcetest is what every source must hold to.
package sourcetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"bowecho/ingest/source"

	"go.uber.org/goleak"
)

// Case is a source over things that are known. Make gives a new source over the same things each time.
type Case struct {
	Make func(t *testing.T) source.Source
	Want []string // names, in order
	Ends bool     // by itself, when all have been emitted
}

// Run checks a source.
func Run(t *testing.T, c Case) {
	t.Run("everything once, in order", func(t *testing.T) {
		defer goleak.VerifyNone(t)
		got, err := take(t, c, nil)
		if !slices.Equal(got, c.Want) || c.Ends && err != nil || !c.Ends && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, %v; want %v", got, err, c.Want)
		}
	})
	t.Run("an emit that blocks loses nothing", func(t *testing.T) {
		defer goleak.VerifyNone(t)
		got, _ := take(t, c, func() { time.Sleep(30 * time.Millisecond) })
		if !slices.Equal(got, c.Want) {
			t.Errorf("got %v, want %v", got, c.Want)
		}
	})
	t.Run("an error of emit is returned", func(t *testing.T) {
		defer goleak.VerifyNone(t)
		full := errors.New("the disk is full")
		err := c.Make(t).Run(t.Context(), func(context.Context, source.File) error { return full })
		if !errors.Is(err, full) {
			t.Errorf("got %v, want the error of emit", err)
		}
	})
	t.Run("stops when asked", func(t *testing.T) {
		defer goleak.VerifyNone(t)
		ctx, cancel := context.WithCancel(t.Context())
		err := c.Make(t).Run(ctx, func(context.Context, source.File) error {
			cancel()
			return ctx.Err()
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want it canceled", err)
		}
	})
}

// take runs a source until it ends or all that is wanted has come.
func take(t *testing.T, c Case, each func()) (names []string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err = c.Make(t).Run(ctx, func(_ context.Context, f source.File) error {
		if each != nil {
			each()
		}
		if f.Name == "" || f.Seen.IsZero() || (f.Path == "") == (f.Data == nil) {
			t.Errorf("file %+v is not whole", f)
		}
		names = append(names, f.Name)
		if !c.Ends && len(names) == len(c.Want) {
			cancel()
		}
		return nil
	})
	return names, err
}
