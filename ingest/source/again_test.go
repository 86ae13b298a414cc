package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bowecho/internal/stream"
)

func TestOffered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o Offered
		add := func(id string, want bool) {
			t.Helper()
			if got := o.Add(id); got != want {
				t.Errorf("%s after %s: got %v, want %v", id, time.Now().Format("15:04:05"), got, want)
			}
		}
		add("a", true)
		add("a", false)
		for _, taken := range []error{nil, ErrKnown, stream.Permanent(errors.New("no radar file"))} {
			o.Outcome("a")(taken)
			add("a", false)
		}
		away := errors.New("server away")
		add("b", true)
		o.Outcome("b")(away)
		add("b", true) // at once the first time
		o.Outcome("b")(away)
		add("b", false)
		time.Sleep(31 * time.Second)
		add("b", true)
		for range 20 {
			o.Outcome("b")(away)
			time.Sleep(time.Hour)
			add("b", true) // never later than in an hour
		}
		o.Keep(func(id string) bool { return id == "b" })
		add("a", true)
		add("b", false)
		o.Forget("b")
		add("b", true)
		o.Outcome("gone")(away)
	})
}

func TestALineTellsOnceThatItIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		l := Line{Log: slog.New(slog.NewTextHandler(&log, nil)), To: "radar.example"}
		var told []string
		l.Told = func(_ context.Context, err error) { told = append(told, fmt.Sprint(err)) }
		l.Up(t.Context())
		began := time.Now()
		for range 20 {
			if err := l.Down(t.Context(), errors.New("no route")); err != nil {
				t.Fatal(err)
			}
		}
		l.Up(t.Context())
		l.Up(t.Context())
		if lines := strings.Count(log.String(), "\n"); lines != 2 || !strings.Contains(log.String(), "no route") {
			t.Errorf("%d lines in the log, want one for down and one for up:\n%s", lines, &log)
		}
		if len(told) != 23 || told[0] != "<nil>" || told[1] != "no route" || told[20] != "no route" || told[22] != "<nil>" {
			t.Errorf("told of %d attempts, want of each: %v", len(told), told)
		}
		if took := time.Since(began); took < 5*time.Minute || took > 10*time.Minute {
			t.Errorf("20 attempts in %s, want half a minute between them at last", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := l.Down(ctx, errors.New("stopped")); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

type listed []string

func (l listed) Run(ctx context.Context, emit func(context.Context, File) error) error {
	for _, name := range l {
		if err := emit(ctx, File{Name: name}); err != nil {
			return err
		}
	}
	return nil
}

func TestOnlyTellsOfTheOthers(t *testing.T) {
	var read, told []string
	from := Only(listed{"2026/05/01/KFWS/KFWS20260501_180000_V06", "KTLX_x", "notes.txt"}, []string{"KFWS*", "KTLX*"})
	err := from.Run(t.Context(), func(_ context.Context, f File) error {
		if f.PassOver == "" {
			read = append(read, f.Name)
		} else {
			told = append(told, f.Name+": "+f.PassOver)
		}
		return nil
	})
	if err != nil || len(read) != 2 || len(told) != 1 || !strings.Contains(told[0], "KFWS*, KTLX*") {
		t.Errorf("read %v, told of %v, %v", read, told, err)
	}
	if CheckPatterns([]string{"KFWS*", "[a"}) == nil {
		t.Error("a pattern that cannot be read was accepted")
	}
}
