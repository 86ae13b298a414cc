package ingest_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bowecho/ingest"
	"bowecho/ingest/source/folder"
	"bowecho/internal/realdata"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// BenchmarkPartToSweep takes the time from when the part that completes a sweep is put into a watched folder to when a
// reader of the stream has the sweep's announcement, for a real volume, its parts coming one by one.
func BenchmarkPartToSweep(b *testing.B) {
	for _, volume := range []string{"TORD_185", "KHDX_interrupted"} {
		b.Run(volume, func(b *testing.B) {
			from := realdata.Path(b, "data", "chunks", volume)
			var all []time.Duration
			for b.Loop() {
				all = append(all, timesToSweeps(b, from)...)
			}
			slices.Sort(all)
			b.ReportMetric(float64(all[len(all)/2])/1e6, "ms-p50")
			b.ReportMetric(float64(all[len(all)*99/100])/1e6, "ms-p99")
			b.ReportMetric(float64(len(all)), "sweeps")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func timesToSweeps(b *testing.B, from string) (times []time.Duration) {
	client, dir := streamtest.Connect(b), b.TempDir()
	s, err := ingest.New(b.Context(), ingest.DefaultConfig(), client, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var put atomic.Int64
	var wait sync.WaitGroup
	ready := make(chan struct{})
	wait.Go(func() {
		err := client.Follow(ctx, slog.New(slog.DiscardHandler), stream.Scans, "", time.Time{}, func() { close(ready) }, func(stream.Message) {
			times = append(times, time.Since(time.Unix(0, put.Load())))
		})
		if err != nil && ctx.Err() == nil {
			b.Error(err)
		}
	})
	wait.Go(func() {
		if err := s.Run(ctx, "bench", folder.New(folder.Config{Dir: dir})); err != nil {
			b.Error(err)
		}
	})
	<-ready
	parts, err := filepath.Glob(filepath.Join(from, "*-*-*-*"))
	if err != nil || len(parts) == 0 {
		b.Fatal("no parts", err)
	}
	for _, part := range parts {
		data, err := os.ReadFile(part)
		if err != nil {
			b.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond) // parts are seconds apart
		put.Store(time.Now().UnixNano())
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(part)), data, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	time.Sleep(time.Second)
	cancel()
	wait.Wait()
	return times
}
