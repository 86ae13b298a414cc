package ingest

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/summary"
	"bowecho/internal/event"
	"bowecho/internal/radar"
)

// maxFileBytes is the largest file that is taken.
const maxFileBytes = 256 << 20

// result is what became of one file before anything of it was announced.
type result struct {
	known bool   // taken before a restart: nothing to do
	data  []byte // the file as it came
	scan  *radar.Scan
	wire  []byte // the scan as it is stored
	bad   error  // why the file cannot be used
}

// prepare reads and decodes a file, changing nothing.
func (s *Service) prepare(ctx context.Context, f source.File) (r result) {
	defer func() {
		if p := recover(); p != nil {
			r.bad = fmt.Errorf("the decoder broke on this file: %v", p)
		}
	}()
	if f.Identity != "" {
		if r.known = s.known(ctx, f); r.known {
			return r
		}
	}
	if r.data, r.bad = read(f); r.bad != nil {
		return r
	}
	if r.scan, r.bad = Decode(f.Name, r.data); r.bad != nil {
		return r
	}
	r.wire, r.bad = radar.Encode(r.scan)
	return r
}

func (s *Service) known(ctx context.Context, f source.File) (known bool) {
	err := s.persist(ctx, "look up "+f.Name, func() (err error) {
		known, err = s.ledger.has(ctx, "file", f.Identity)
		return err
	})
	return known || err != nil // no answer only when asked to stop
}

func read(f source.File) ([]byte, error) {
	if f.Path == "" {
		return f.Data, nil
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err == nil && len(data) > maxFileBytes {
		return nil, fmt.Errorf("%s: more than %d MiB, which no radar file is", f.Name, maxFileBytes>>20)
	}
	return data, err
}

// announce stores a prepared file's scan and publishes it, or sets the file aside, and remembers that it did.
func (s *Service) announce(ctx context.Context, f source.File, r result) error {
	if r.known || ctx.Err() != nil {
		return ctx.Err()
	}
	settle := s.publish
	if r.bad != nil {
		settle = s.setAside
	}
	return s.persist(ctx, f.Name, func() error {
		if err := settle(ctx, f, r); err != nil || f.Identity == "" {
			return err
		}
		return s.ledger.add(ctx, "file", f.Identity)
	})
}

func (s *Service) publish(ctx context.Context, f source.File, r result) error {
	key, err := s.client.Put(ctx, r.wire)
	if err != nil {
		return err
	}
	seen, err := s.ledger.has(ctx, "scan", key)
	if err != nil {
		return err
	}
	if seen {
		return s.duplicate(ctx, f, r, key)
	}
	if _, err := s.client.Publish(ctx, message(f, r.scan, key)); err != nil {
		return err
	}
	s.log.Info("scan", "site", r.scan.Site.Name, "volume", r.scan.Start.Format(time.RFC3339), "file", f.Name)
	return s.ledger.add(ctx, "scan", key)
}

func (s *Service) setAside(ctx context.Context, f source.File, r result) error {
	s.log.Error("set aside", "file", f.Name, "err", r.bad)
	return s.client.BuryFile(ctx, "ingest", f.Name, r.bad.Error(), r.data)
}

// duplicate tells of a scan that came again, by whatever road.
func (s *Service) duplicate(ctx context.Context, f source.File, r result, key string) error {
	s.log.Info("the same scan again", "site", r.scan.Site.Name, "file", f.Name)
	_, err := s.client.Publish(ctx, &event.Decision{
		V: event.Version, ID: event.ID(event.DuplicateFile, f.Name, f.Identity, f.Seen.String()),
		Kind: event.DuplicateFile, Subj: r.scan.Site.Name, Value: f.Name, Reason: "its content is a scan that is known",
		Inputs: map[string]any{"scan": key}, DataTime: r.scan.Start.UTC(), Time: time.Now().UTC(),
	})
	return err
}

func message(f source.File, scan *radar.Scan, key string) *event.Scan {
	m := &event.Scan{
		V: event.Version, ID: key, Radar: scan.Site.Name, Time: scan.Start.UTC(), End: scan.End.UTC(),
		LatitudeDeg: scan.Site.LatitudeDeg, LongitudeDeg: scan.Site.LongitudeDeg, HeightM: scan.Site.HeightM,
		Format: scan.Format, File: f.Name, Key: key, Summary: summary.Of(scan), Pace: f.Pace,
		Trail: event.Trail{File: f.Seen.UTC(), Scan: time.Now().UTC()},
	}
	for i := range scan.Sweeps {
		if scan.Sweeps[i].Vertical {
			continue
		}
		m.Elevations = append(m.Elevations, scan.Sweeps[i].ElevationDeg)
		m.RangeM = max(m.RangeM, reachM(&scan.Sweeps[i]))
	}
	return m
}

// reachM gives the range in metres to the end of the last gate of a sweep.
func reachM(s *radar.Sweep) (reach float64) {
	for _, m := range s.Moments {
		reach = max(reach, m.Gates.CentreM(m.Gates.Count-1)+m.Gates.SpacingM/2)
	}
	return reach
}
