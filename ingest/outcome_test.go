package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bowecho/ingest"
	"bowecho/ingest/casa"
	"bowecho/ingest/source"
	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// remote gives a file whose bytes lie elsewhere, and counts how often they are asked for. Its outcome goes to a channel.
func remote(t *testing.T, n int, open func(attempt int64, data []byte) (io.ReadCloser, error)) (f source.File, asked *atomic.Int64, outcome chan error) {
	t.Helper()
	f, asked, outcome = file(t, n), new(atomic.Int64), make(chan error, 2)
	data := f.Data
	f.Data, f.Identity, f.Done = nil, "remote/"+f.Name, func(err error) { outcome <- err }
	f.Open = func(context.Context) (io.ReadCloser, error) { return open(asked.Add(1), data) }
	return f, asked, outcome
}

func whole(_ int64, data []byte) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(data)), nil
}

func TestWhatIsKnownIsNotFetchedAgain(t *testing.T) {
	client := streamtest.Connect(t)
	f, asked, outcome := remote(t, 1, whole)
	take(t, client, files{f})
	take(t, client, files{f}) // as after a restart
	if n, first, second := asked.Load(), <-outcome, <-outcome; n != 1 || first != nil || !errors.Is(second, source.ErrKnown) {
		t.Errorf("fetched %d times, outcomes %v and %v; want once, nil, then known", n, first, second)
	}
}

// cutOnce fails in the middle of the first read.
func cutOnce(attempt int64, data []byte) (io.ReadCloser, error) {
	if attempt == 1 {
		return io.NopCloser(io.MultiReader(bytes.NewReader(data[:100]), broken{})), nil
	}
	return whole(attempt, data)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestOutcomes(t *testing.T) {
	gone := stream.Permanent(errors.New("gone"))
	for name, c := range map[string]struct {
		open        func(int64, []byte) (io.ReadCloser, error)
		spoil       func(*source.File)
		scans, dead int
		right       func(error) bool
	}{
		"taken":       {open: whole, scans: 1, right: func(err error) bool { return err == nil }},
		"cut once":    {open: cutOnce, scans: 1, right: func(err error) bool { return err == nil }},
		"gone":        {open: func(int64, []byte) (io.ReadCloser, error) { return nil, gone }, dead: 1, right: stream.IsPermanent},
		"no radar":    {open: func(int64, []byte) (io.ReadCloser, error) { return whole(1, []byte("hello")) }, dead: 1, right: stream.IsPermanent},
		"passed over": {open: whole, spoil: func(f *source.File) { f.PassOver = "not wanted" }, right: stream.IsPermanent},
		"a companion": {open: whole, spoil: func(f *source.File) { f.Name = "notes.md" }, right: stream.IsPermanent},
	} {
		t.Run(name, func(t *testing.T) {
			client := streamtest.Connect(t)
			f, _, outcome := remote(t, 1, c.open)
			if c.spoil != nil {
				c.spoil(&f)
			}
			take(t, client, files{f})
			scans, dead := len(read[event.Scan](t, client, stream.Scans, "")), len(read[event.Dead](t, client, stream.DeadBox, ""))
			if err := <-outcome; scans != c.scans || dead != c.dead || !c.right(err) {
				t.Errorf("%d scans, %d dead letters, outcome %v", scans, dead, err)
			}
			if len(outcome) > 0 {
				t.Errorf("told twice, then %v", <-outcome)
			}
		})
	}
}

// TestWhatCannotBeHadIsGivenBack holds that it is neither set aside nor remembered, and delays no other for long.
func TestWhatCannotBeHadIsGivenBack(t *testing.T) {
	t.Parallel()
	client := streamtest.Connect(t)
	away := errors.New("503 Service Unavailable")
	f, asked, outcome := remote(t, 1, func(int64, []byte) (io.ReadCloser, error) { return nil, away })
	take(t, client, files{f, file(t, 2)})
	if err := <-outcome; !errors.Is(err, away) || source.Taken(err) || asked.Load() < 2 {
		t.Errorf("outcome %v after %d attempts, want what the server said after several", err, asked.Load())
	}
	f.Open = func(context.Context) (io.ReadCloser, error) { return whole(1, file(t, 1).Data) }
	take(t, client, files{f})
	if err := <-outcome; err != nil {
		t.Error(err)
	}
	if scans, dead := read[event.Scan](t, client, stream.Scans, ""), read[event.Dead](t, client, stream.DeadBox, ""); len(scans) != 2 || len(dead) != 0 {
		t.Errorf("%d scans and %d dead letters, want 2 and 0", len(scans), len(dead))
	}
}

// TestAStopIsToldToWhoeverWaits stops while a file is being fetched.
func TestAStopIsToldToWhoeverWaits(t *testing.T) {
	client := streamtest.Connect(t)
	s, err := ingest.New(t.Context(), ingest.DefaultConfig(), client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	f, _, outcome := remote(t, 1, func(int64, []byte) (io.ReadCloser, error) {
		stop()
		return nil, errors.New("stopped")
	})
	if err := s.Run(ctx, "test", files{f}); err != nil {
		t.Error(err)
	}
	if err := <-outcome; err == nil || source.Taken(err) {
		t.Errorf("outcome %v, want that it is not taken", err)
	}
}

func TestSkewIsFlagged(t *testing.T) {
	client := streamtest.Connect(t)
	now := time.Now().UTC().Truncate(time.Second)
	var from files
	for i, c := range []struct {
		ago  time.Duration
		pace float64
		want string
	}{
		{-6 * time.Minute, 1, event.SkewFuture}, {-4 * time.Minute, 1, ""}, {0, 1, ""}, {59 * time.Minute, 1, ""},
		{62 * time.Minute, 1, event.SkewLate}, {24 * time.Hour, 1, event.SkewLate}, {24 * time.Hour, 0, ""}, {-time.Hour, 6, ""},
	} {
		scan := sweep(i)
		scan.Start, scan.End = now.Add(-c.ago), now.Add(-c.ago).Add(20*time.Second)
		data, err := casa.Encode(scan)
		if err != nil {
			t.Fatal(err)
		}
		from = append(from, source.File{Name: "x " + c.want + ".netcdf", Data: data, Seen: now, Pace: c.pace})
	}
	take(t, client, from)
	scans := read[event.Scan](t, client, stream.Scans, "")
	if len(scans) != len(from) {
		t.Fatalf("%d scans, want %d: a doubtful time is no reason to lose one", len(scans), len(from))
	}
	for _, s := range scans {
		if want := strings.TrimSuffix(strings.TrimPrefix(s.File, "x "), ".netcdf"); s.Skew != want {
			t.Errorf("%s at pace %g: skew %q, want %q", s.Time, s.Pace, s.Skew, want)
		}
	}
}

// TestADiskThatFailsForAMomentIsReadAgain begins with a link to itself, which nobody can open.
func TestADiskThatFailsForAMomentIsReadAgain(t *testing.T) {
	client := streamtest.Connect(t)
	good := onDisk(t, t.TempDir(), file(t, 1))
	failing := good
	failing.Path = filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink(failing.Path, failing.Path); err != nil {
		t.Fatal(err)
	}
	mended := failing.Path + "-mended"
	if err := os.Symlink(good.Path, mended); err != nil {
		t.Fatal(err)
	}
	first := time.AfterFunc(100*time.Millisecond, func() {
		if err := os.Rename(mended, failing.Path); err != nil {
			t.Error(err)
		}
	})
	defer first.Stop()
	take(t, client, files{failing})
	if got, want := tallied(t, client, 1), (tally{Sent: 1, Announced: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
