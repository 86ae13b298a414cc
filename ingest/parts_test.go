package ingest_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"bowecho/ingest"
	"bowecho/ingest/level2"
	"bowecho/ingest/source"
	"bowecho/internal/event"
	"bowecho/internal/radar"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// partsOfVolume gives the files of a volume with three sweeps of 720 rays each.
func partsOfVolume(t *testing.T) (list files) {
	t.Helper()
	const rays, gates = 720, 40
	scan := &radar.Scan{
		Site: radar.Site{Name: "KFWS", LatitudeDeg: 32.573, LongitudeDeg: -97.303, HeightM: 236}, Format: "level2", Pattern: 212,
		Start: begin, End: begin.Add(time.Minute), BeamWidthDeg: 0.95,
	}
	for n, elevation := range []float64{0.5, 0.9, 1.3} {
		values := make([]float32, rays*gates)
		for i := range values {
			values[i] = float32((i+n)%60) + 0.5
		}
		s := radar.Sweep{Start: begin.Add(time.Duration(n) * 20 * time.Second), ElevationDeg: elevation, NyquistMS: 20, Moments: []radar.Moment{{
			Name: radar.DBZH, Units: "dBZ", Gates: radar.Gates{Count: gates, FirstM: 2125, SpacingM: 250}, Values: values,
		}}}
		for r := range rays {
			s.Rays = append(s.Rays, radar.Ray{AzimuthDeg: float32(r)/2 + 0.25, ElevationDeg: float32(elevation)})
		}
		scan.Sweeps = append(scan.Sweeps, s)
	}
	parts, err := level2.Chunks(scan)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		list = append(list, source.File{Name: p.Name, Data: p.Data, Seen: time.Now(), Pace: 1, Identity: p.Name})
	}
	return list
}

// crashes is a source whose program ends at once when all its files are taken.
type crashes struct {
	files
	crash context.CancelFunc
}

func (c crashes) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	taken := make(chan error, len(c.files))
	for _, f := range c.files {
		f.Done = func(err error) { taken <- err }
		if err := emit(ctx, f); err != nil {
			return err
		}
	}
	for range c.files {
		<-taken
	}
	c.crash()
	return ctx.Err()
}

func takeAndCrash(t *testing.T, client *stream.Client, from files) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s, err := ingest.New(ctx, ingest.DefaultConfig(), client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(ctx, "test", crashes{from, cancel}); err != nil {
		t.Fatal(err)
	}
}

// sweepsOf gives the elevations of the announced sweeps in their order, and what they lack.
func sweepsOf(t *testing.T, client *stream.Client) (elevations []float64, flaws int) {
	t.Helper()
	for _, m := range read[event.Scan](t, client, stream.Scans, "") {
		data, err := client.Get(t.Context(), m.Key)
		if err != nil {
			t.Fatal(err)
		}
		scan, err := radar.Decode(data)
		if err != nil || len(scan.Sweeps) != 1 || m.Radar != "KFWS" {
			t.Fatalf("%s: %d sweeps, %v; want one of KFWS", m.Radar, len(scan.Sweeps), err)
		}
		elevations = append(elevations, m.Elevations...)
		flaws += len(m.Flaws)
	}
	for i := range elevations {
		elevations[i] = float64(int(elevations[i]*10+0.5)) / 10
	}
	return elevations, flaws
}

func TestPartsBecomeSweeps(t *testing.T) {
	client := streamtest.Connect(t)
	parts := partsOfVolume(t)
	take(t, client, slices.Concat(parts, parts))
	if got, flaws := sweepsOf(t, client); !slices.Equal(got, []float64{0.5, 0.9, 1.3}) || flaws != 0 {
		t.Errorf("sweeps at %v with %d flaws, want each once and whole", got, flaws)
	}
}

// TestRestartInTheMidstOfAVolume crashes after each part: the sweeps come out once and whole nevertheless.
func TestRestartInTheMidstOfAVolume(t *testing.T) {
	client := streamtest.Connect(t)
	parts := partsOfVolume(t)
	if len(parts) < 6 {
		t.Fatalf("%d parts are too few", len(parts))
	}
	for i := range parts {
		takeAndCrash(t, client, parts[i:i+1])
	}
	take(t, client, files{})
	if got, flaws := sweepsOf(t, client); !slices.Equal(got, []float64{0.5, 0.9, 1.3}) || flaws != 0 {
		t.Errorf("sweeps at %v with %d flaws, want each once and whole", got, flaws)
	}
	keys, err := client.KeyValue(t.Context(), "parts")
	if err != nil {
		t.Fatal(err)
	}
	if left, err := keys.Keys(t.Context()); err == nil {
		t.Errorf("%d parts are stored still, want none after the volume's end", len(left))
	}
}

// TestAVolumeWithoutItsEnd loses the second part and the last: what came of each sweep is announced, and says so.
func TestAVolumeWithoutItsEnd(t *testing.T) {
	client := streamtest.Connect(t)
	parts := partsOfVolume(t)
	take(t, client, slices.Delete(parts[:len(parts)-1], 1, 2))
	got, flaws := sweepsOf(t, client)
	slices.Sort(got)
	if !slices.Equal(got, []float64{0.5, 0.9, 1.3}) || flaws < 2 {
		t.Errorf("sweeps at %v with %d flaws, want three, two of them not whole", got, flaws)
	}
}
