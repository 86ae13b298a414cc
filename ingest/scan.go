package ingest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"bowecho/ingest/level2"
	"bowecho/ingest/source"
	"bowecho/ingest/summary"
	"bowecho/ingest/warning"
	"bowecho/internal/event"
	"bowecho/internal/radar"
	"bowecho/internal/stream"
)

// result is what became of one file before anything of it was announced.
type result struct {
	known bool   // taken before a restart: nothing to do
	data  []byte // the file as it came
	part  bool   // of a volume: what it completes is known in its turn only

	warnings *warning.Bulletin
	scans    []decoded
	other    error // why it is none of ours, and is passed over
	bad      error // why the file cannot be used
	absent   error // why its bytes cannot be had now
}

// decoded is a scan without its values, how much weather is in it, and the whole as it is stored.
type decoded struct {
	*radar.Scan
	summary event.Summary
	wire    []byte
	taking  string // tells this taking of the scan from every other, also when it is tried again
}

// prepare reads and decodes a file, changing nothing.
func (s *Service) prepare(ctx context.Context, f source.File) (r result) {
	defer rescue(&r.bad)
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
	if r.part = level2.IsChunk(f.Name); r.part {
		return r
	}
	if warning.Is(head(r.data)) {
		r.warnings, r.bad = DecodeWarnings(f.Name, r.data)
		if source.JSON(f.Name) && errors.Is(r.bad, warning.ErrOther) {
			r.other = r.bad
		}
		return r
	}
	scan, err := decode(f.Name, r.data)
	if err == nil {
		r.scans, err = encoded(scan)
	}
	r.bad = err
	return r
}

// rescue makes a decoder's panic the fault of its file.
func rescue(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the decoder broke on this file: %v", p)
	}
}

// encoded gives what is stored and told of scans, and releases their values.
func encoded(scans ...*radar.Scan) (list []decoded, err error) {
	for _, scan := range scans {
		d := decoded{Scan: scan, taking: rand.Text()}
		var looking sync.WaitGroup
		looking.Go(func() { d.summary = summary.Of(scan) })
		d.wire, err = radar.Encode(scan)
		looking.Wait()
		if err != nil {
			return nil, err
		}
		scan.Release()
		list = append(list, d)
	}
	return list, nil
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
	if r.part {
		r.scans, r.bad = s.parts.add(f, r.data)
	}
	err = s.persist(ctx, f.Name, func() (err error) {
		switch {
		case r.other != nil:
			outcome, err = s.passedOver(ctx, f, r.other.Error())
		case r.bad != nil:
			outcome, err = stream.Permanent(r.bad), s.setAside(ctx, f, r)
		case r.part:
			err = s.partTaken(ctx, f, r)
		case r.warnings != nil:
			outcome, err = s.announceWarnings(ctx, f, r.warnings)
		default:
			outcome, err = s.publish(ctx, f, r.scans[0])
		}
		if err != nil || f.Identity == "" {
			return err
		}
		return s.ledger.add(ctx, "file", f.Identity)
	})
	return outcome, err
}

// publish stores and announces a file's scan, or tells that the same was announced before: then the outcome is ErrKnown.
func (s *Service) publish(ctx context.Context, f source.File, scan decoded) (outcome, err error) {
	key, news, err := s.publishNew(ctx, f, scan)
	if err != nil || news {
		return nil, err
	}
	return source.ErrKnown, s.duplicate(ctx, f, scan, key)
}

// publishNew stores and announces a scan, unless the same was announced before.
func (s *Service) publishNew(ctx context.Context, f source.File, scan decoded) (key string, news bool, err error) {
	if key, err = s.client.Put(ctx, scan.wire); err != nil {
		return key, false, err
	}
	m := message(f, scan, key)
	first, announced, err := s.ledger.taking(ctx, key)
	if err == nil && !announced {
		if _, err = s.client.Publish(ctx, m); err == nil { // once, though others do the same now: by its id
			first, err = s.ledger.claim(ctx, key, scan.taking)
		}
	}
	if err != nil || first != scan.taking {
		return key, false, err
	}
	s.log.Info("scan", "site", m.Radar, "volume", m.Time.Format(time.RFC3339), "file", f.Name)
	if len(m.Flaws) > 0 {
		s.log.Warn("a part of the file could not be used", "site", m.Radar, "file", f.Name, "flaws", m.Flaws)
	}
	if m.Skew != "" {
		s.log.Warn("the data's clock and ours differ", "site", m.Radar, "volume", m.Time.Format(time.RFC3339), "file", f.Name,
			"skew", m.Skew, "count", s.skewed.Add(1))
	}
	return key, true, nil
}

func (s *Service) setAside(ctx context.Context, f source.File, r result) error {
	s.log.Error("set aside", "file", f.Name, "err", r.bad)
	return s.client.BuryFile(ctx, "ingest", f.Name, r.bad.Error(), r.data)
}

// duplicate tells of a scan that came again, by whatever road.
func (s *Service) duplicate(ctx context.Context, f source.File, scan decoded, key string) error {
	s.log.Info("the same scan again", "site", scan.Site.Name, "file", f.Name)
	_, err := s.client.Publish(ctx, &event.Decision{
		V: event.Version, ID: event.ID(event.DuplicateFile, f.Name, f.Identity, f.Seen.String()),
		Kind: event.DuplicateFile, Subj: scan.Site.Name, Value: f.Name, Reason: "its content is a scan that is known",
		Inputs: map[string]any{"scan": key}, DataTime: scan.Start.UTC(), Time: time.Now().UTC(),
	})
	return err
}

func message(f source.File, scan decoded, key string) *event.Scan {
	m := &event.Scan{
		V: event.Version, ID: key, Radar: scan.Site.Name, Time: scan.Start.UTC(), End: scan.End.UTC(),
		LatitudeDeg: scan.Site.LatitudeDeg, LongitudeDeg: scan.Site.LongitudeDeg, HeightM: scan.Site.HeightM,
		Format: scan.Format, File: f.Name, Key: key, Summary: scan.summary, Flaws: scan.Flaws, Pace: f.Pace, Skew: skew(f, scan.Scan),
		Trail: event.Trail{File: f.Seen.UTC(), Scan: time.Now().UTC()},
	}
	for i := range scan.Sweeps {
		if scan.Sweeps[i].Vertical {
			continue
		}
		m.Elevations = append(m.Elevations, scan.Sweeps[i].ElevationDeg)
		for _, moment := range scan.Sweeps[i].Moments {
			m.RangeM = max(m.RangeM, moment.Gates.ReachM())
		}
	}
	return m
}
