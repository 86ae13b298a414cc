package ingest

import (
	"context"
	"fmt"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/summary"
	"bowecho/internal/event"
	"bowecho/internal/radar"
	"bowecho/internal/stream"
)

// result is what became of one file before anything of it was announced.
type result struct {
	known  bool   // taken before a restart: nothing to do
	data   []byte // the file as it came
	scan   *radar.Scan
	wire   []byte // the scan as it is stored
	bad    error  // why the file cannot be used
	absent error  // why its bytes cannot be had now
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
	data, err := read(ctx, f)
	switch {
	case err == nil:
		r.data = data
	case f.Open == nil || stream.IsPermanent(err):
		r.bad = err
		return r
	default:
		r.absent = err
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

// announce stores a prepared file's scan and publishes it, or sets the file aside, remembers that it did, and tells
// whoever waits.
func (s *Service) announce(ctx context.Context, f source.File, r result) error {
	outcome, err := s.decide(ctx, f, r)
	if err != nil {
		outcome = fmt.Errorf("%s is not taken: %v", f.Name, err) // whatever err is, it is not the file's fault
	}
	f.Settle(outcome)
	return err
}

// decide gives what became of a file, or the error that ends the service.
func (s *Service) decide(ctx context.Context, f source.File, r result) (outcome, err error) {
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case r.known:
		return source.ErrKnown, nil
	case r.absent != nil:
		s.log.Warn("cannot be had now", "file", f.Name, "err", r.absent)
		return r.absent, nil
	}
	err = s.persist(ctx, f.Name, func() (err error) {
		if r.bad != nil {
			outcome, err = stream.Permanent(r.bad), s.setAside(ctx, f, r)
		} else {
			outcome, err = s.publish(ctx, f, r)
		}
		if err != nil || f.Identity == "" {
			return err
		}
		return s.ledger.add(ctx, "file", f.Identity)
	})
	return outcome, err
}

// publish stores and announces a scan. The outcome is ErrKnown where the same scan had been before.
func (s *Service) publish(ctx context.Context, f source.File, r result) (outcome, err error) {
	key, err := s.client.Put(ctx, r.wire)
	if err != nil {
		return nil, err
	}
	seen, err := s.ledger.has(ctx, "scan", key)
	if err != nil {
		return nil, err
	}
	if seen {
		return source.ErrKnown, s.duplicate(ctx, f, r, key)
	}
	m := message(f, r.scan, key)
	if _, err := s.client.Publish(ctx, m); err != nil {
		return nil, err
	}
	s.log.Info("scan", "site", m.Radar, "volume", m.Time.Format(time.RFC3339), "file", f.Name)
	if m.Skew != "" {
		s.log.Warn("the data's clock and ours differ", "site", m.Radar, "volume", m.Time.Format(time.RFC3339), "file", f.Name,
			"skew", m.Skew, "count", s.skewed.Add(1))
	}
	return nil, s.ledger.add(ctx, "scan", key)
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
		Format: scan.Format, File: f.Name, Key: key, Summary: summary.Of(scan), Pace: f.Pace, Skew: skew(f, scan),
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
