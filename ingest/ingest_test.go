package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/ingest"
	"bowecho/ingest/casa"
	"bowecho/ingest/source"
	"bowecho/internal/event"
	"bowecho/internal/radar"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

var begin = time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)

// files is a source that emits what it holds.
type files []source.File

func (f files) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	for _, file := range f {
		if err := emit(ctx, file); err != nil {
			return err
		}
	}
	return nil
}

// sweep gives a small scan, different for each n.
func sweep(n int) *radar.Scan {
	const rays, gates = 36, 20
	scan := &radar.Scan{
		Site: radar.Site{Name: "northlake.tx", LatitudeDeg: 32.9, LongitudeDeg: -97.1, HeightM: 200}, Format: "casa",
		Start: begin.Add(time.Duration(n) * time.Minute), End: begin.Add(time.Duration(n)*time.Minute + 20*time.Second), BeamWidthDeg: 2,
	}
	values := make([]float32, rays*gates)
	for i := range values {
		values[i] = float32((i+n)%60) + 0.5
	}
	s := radar.Sweep{ElevationDeg: 2, NyquistMS: 20, Moments: []radar.Moment{{
		Name: radar.DBZH, Units: "dBZ", Gates: radar.Gates{Count: gates, SpacingM: 500, OffsetM: 250}, Values: values,
	}}}
	for r := range rays {
		s.Rays = append(s.Rays, radar.Ray{AzimuthDeg: float32(r) * 10, ElevationDeg: 2})
	}
	scan.Sweeps = []radar.Sweep{s}
	return scan
}

func file(t *testing.T, n int) source.File {
	t.Helper()
	data, err := casa.Encode(sweep(n))
	if err != nil {
		t.Fatal(err)
	}
	return source.File{Name: fmt.Sprintf("northlake.tx-%02d.netcdf", n), Data: data, Seen: time.Now(), Pace: 1}
}

func onDisk(t *testing.T, dir string, f source.File) source.File {
	t.Helper()
	f.Path = filepath.Join(dir, f.Name)
	if err := os.WriteFile(f.Path, f.Data, 0o644); err != nil {
		t.Fatal(err)
	}
	f.Data, f.Identity = nil, f.Path+"-1"
	return f
}

func take(t *testing.T, client *stream.Client, from source.Source) {
	t.Helper()
	s, err := ingest.New(t.Context(), ingest.DefaultConfig(), client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), "test", from); err != nil {
		t.Fatal(err)
	}
}

func read[T any, P interface {
	*T
	event.Message
}](t *testing.T, client *stream.Client, name, filter string) (found []P) {
	t.Helper()
	err := client.Each(t.Context(), name, filter, time.Time{}, func(m stream.Message) error {
		content, err := event.Decode[T, P](m.Data)
		found = append(found, content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestScansAreAnnouncedInOrder(t *testing.T) {
	client := streamtest.Connect(t)
	var from files
	for n := range 10 {
		from = append(from, file(t, n))
	}
	take(t, client, from)
	scans := read[event.Scan](t, client, stream.Scans, "")
	if len(scans) != 10 || !slices.IsSortedFunc(scans, func(a, b *event.Scan) int { return a.Time.Compare(b.Time) }) {
		t.Fatalf("%d scans, want 10 in order", len(scans))
	}
	data, err := client.Get(t.Context(), scans[3].Key)
	if err != nil {
		t.Fatal(err)
	}
	got, err := radar.Decode(data)
	if err != nil || !got.Start.Equal(begin.Add(3*time.Minute)) || got.Sweeps[0].Moment(radar.DBZH) == nil {
		t.Errorf("stored scan: %+v, %v", got, err)
	}
	if s := scans[3]; s.Radar != "northlake.tx" || s.RangeM != 10_000 || s.Summary.MaxDBZ != 59.5 || s.Trail.Scan.Before(s.Trail.File) {
		t.Errorf("scan message: %+v", s)
	}
	if done := read[event.Decision](t, client, stream.Events, "event.source.>"); len(done) != 1 {
		t.Errorf("%d ends of the source, want 1", len(done))
	}
}

func TestTheSameScanIsOne(t *testing.T) {
	client := streamtest.Connect(t)
	plain := file(t, 1)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(plain.Data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	take(t, client, files{plain, plain, {Name: "other.netcdf.gz", Data: packed.Bytes(), Seen: time.Now()}})
	if n := len(read[event.Scan](t, client, stream.Scans, "")); n != 1 {
		t.Errorf("%d scans, want 1", n)
	}
	if n := len(read[event.Decision](t, client, stream.Events, "event.duplicate.>")); n != 2 {
		t.Errorf("%d duplicates told, want 2", n)
	}
}

func TestBadFilesDelayNothing(t *testing.T) {
	client := streamtest.Connect(t)
	good := file(t, 1)
	gone := source.File{Name: "gone.netcdf", Path: filepath.Join(t.TempDir(), "gone.netcdf"), Identity: "gone"}
	cut := source.File{Name: "cut.netcdf", Data: good.Data[:len(good.Data)/2]}
	take(t, client, files{gone, cut, {Name: "empty.netcdf"}, {Name: "text.netcdf", Data: []byte("hello")}, good})
	if n := len(read[event.Scan](t, client, stream.Scans, "")); n != 1 {
		t.Errorf("%d scans, want the good one", n)
	}
	dead := read[event.Dead](t, client, stream.DeadBox, "")
	if len(dead) != 4 {
		t.Fatalf("%d dead letters, want 4", len(dead))
	}
	for _, d := range dead {
		if d.Reason == "" || !strings.Contains(d.Reason, strings.TrimSuffix(d.Name, ".netcdf")) {
			t.Errorf("%s: reason %q does not name the file", d.Name, d.Reason)
		}
	}
	data, err := client.DeadBytes(t.Context(), dead[1])
	if err != nil || !bytes.Equal(data, cut.Data) {
		t.Errorf("dead letter holds %d bytes, %v; want the whole file of %d", len(data), err, len(cut.Data))
	}
}

func TestRestartDoesNotReadAgain(t *testing.T) {
	client := streamtest.Connect(t)
	dir := t.TempDir()
	from := files{onDisk(t, dir, file(t, 1)), onDisk(t, dir, file(t, 2))}
	take(t, client, from)
	if err := os.WriteFile(from[0].Path, []byte("would be a dead letter if it were read"), 0o644); err != nil {
		t.Fatal(err)
	}
	take(t, client, from)
	if scans, dead := read[event.Scan](t, client, stream.Scans, ""), read[event.Dead](t, client, stream.DeadBox, ""); len(scans) != 2 || len(dead) != 0 {
		t.Errorf("%d scans and %d dead letters after a restart, want 2 and 0", len(scans), len(dead))
	}
}

// endless emits until it is stopped.
type endless struct{ next source.File }

func (e endless) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	for {
		if err := emit(ctx, e.next); err != nil {
			return err
		}
	}
}

func TestStopIsNoError(t *testing.T) {
	client := streamtest.Connect(t)
	s, err := ingest.New(t.Context(), ingest.DefaultConfig(), client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	if err := s.Run(ctx, "test", endless{file(t, 1)}); err != nil {
		t.Errorf("asked to stop: got %v", err)
	}
}

// failing is a source that breaks.
type failing struct{}

func (failing) Run(context.Context, func(context.Context, source.File) error) error {
	return errors.New("the disk is on fire")
}

func TestSourceErrorIsReturned(t *testing.T) {
	client := streamtest.Connect(t)
	s, err := ingest.New(t.Context(), ingest.DefaultConfig(), client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), "test", failing{}); err == nil || !strings.Contains(err.Error(), "on fire") {
		t.Errorf("got %v", err)
	}
}
