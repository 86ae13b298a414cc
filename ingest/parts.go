package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"bowecho/ingest/level2"
	"bowecho/ingest/source"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// keepParts is how long the part of a volume that has not ended may still be needed.
const keepParts = time.Hour

// parts makes sweeps of the parts of volumes. A part is stored until its volume is over, so that a restart goes on in
// the midst of it, whether or not the source can give the part again.
type parts struct {
	client *stream.Client
	kv     jetstream.KeyValue

	mu        sync.Mutex // over what follows
	assembler level2.Assembler
	over      []string // parts that need not be stored any longer
	pace      float64  // at which parts come
}

// storedPart is what is stored of a part beside its bytes.
type storedPart struct {
	Name string
	Key  string // of its bytes
}

func openParts(ctx context.Context, client *stream.Client) (*parts, error) {
	kv, err := client.KeyValueFor(ctx, "parts", keepParts)
	if err != nil {
		return nil, err
	}
	return &parts{client: client, kv: kv}, nil
}

// partName tells a part from that of another station which began in the same second.
func partName(f source.File) string { return cmp.Or(f.Path, f.Name) }

// add takes a part and gives the sweeps that it completes. The error is the part's.
func (p *parts) add(f source.File, data []byte) (scans []decoded, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer rescue(&err)
	p.pace = f.Pace
	sweeps, err := p.assembler.Add(partName(f), data)
	if err != nil {
		return nil, err
	}
	return encoded(sweeps...)
}

// store stores a part, unless its volume is over, and lets go of the parts of volumes that are.
func (p *parts) store(ctx context.Context, f source.File, data []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = append(p.over, p.assembler.Over()...)
	if p.assembler.Holds(partName(f)) {
		if err := p.put(ctx, f, data); err != nil {
			return err
		}
	}
	for len(p.over) > 0 {
		if err := p.kv.Purge(ctx, ledgerKey("part", p.over[0])); err != nil {
			return fmt.Errorf("let go of part %s: %w", p.over[0], err)
		}
		p.over = p.over[1:]
	}
	return nil
}

func (p *parts) put(ctx context.Context, f source.File, data []byte) error {
	key, err := p.client.Put(ctx, data)
	if err != nil {
		return err
	}
	name := partName(f)
	entry, err := json.Marshal(storedPart{name, key})
	if err == nil {
		_, err = p.kv.Put(ctx, ledgerKey("part", name), entry)
	}
	if err != nil {
		return fmt.Errorf("store part %s: %w", name, err)
	}
	return nil
}

// restore takes the parts that an earlier run stored. Their sweeps were announced by then.
func (p *parts) restore(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	keys, err := p.kv.ListKeys(ctx)
	if err != nil {
		return fmt.Errorf("read the stored parts: %w", err)
	}
	defer func() { _ = keys.Stop() }()
	for key := range keys.Keys() {
		entry, err := p.kv.Get(ctx, key)
		if err != nil {
			return fmt.Errorf("read the stored parts: %w", err)
		}
		var part storedPart
		if err := json.Unmarshal(entry.Value(), &part); err != nil {
			return fmt.Errorf("read the stored part %s: %w", key, err)
		}
		data, err := p.client.Get(ctx, part.Key)
		switch {
		case stream.IsPermanent(err):
			continue // it has expired
		case err != nil:
			return err
		}
		if _, err := p.assembler.Add(part.Name, data); err != nil {
			return fmt.Errorf("read the stored part %s: %w", part.Name, err)
		}
	}
	return nil
}

// giveUp gives what is left of volumes whose missing parts are not waited for any longer: of those of which nothing has
// come for long, or of all. It also says at what pace their parts came.
func (p *parts) giveUp(all bool) (left []decoded, pace float64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if all {
		left, err = encoded(p.assembler.Flush()...)
	} else {
		left, err = encoded(p.assembler.Expire(time.Now())...)
	}
	return left, p.pace, err
}

// partTaken announces the sweeps that a part completed, and then makes sure of the part itself.
func (s *Service) partTaken(ctx context.Context, f source.File, r result) error {
	for _, sweep := range r.scans {
		if _, _, err := s.publishNew(ctx, f, sweep); err != nil {
			return err
		}
	}
	return s.parts.store(ctx, f, r.data)
}

// lookForParts is how often volumes are looked at of which nothing comes any more.
const lookForParts = 30 * time.Second

// restoreParts takes, at the first call, the parts that an earlier run stored.
func (s *Service) restoreParts(ctx context.Context) (err error) {
	s.restored.Do(func() { err = s.parts.restore(ctx) })
	return err
}

// whileRunning gives up on volumes that have no end, until what it gives is called.
func (s *Service) whileRunning(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() { s.giveUpParts(ctx) })
	return func() {
		cancel()
		wait.Wait()
	}
}

// giveUpParts announces, until ctx ends, what is left of volumes that have no end.
func (s *Service) giveUpParts(ctx context.Context) {
	ticker := time.NewTicker(lookForParts)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.publishLeft(ctx, false)
		}
	}
}

// publishLeft announces what is left of volumes that are given up.
func (s *Service) publishLeft(ctx context.Context, all bool) {
	left, pace, err := s.parts.giveUp(all)
	if err != nil {
		s.log.Error("what is left of a volume is lost", "err", err)
	}
	for _, sweep := range left {
		f := source.File{Name: fmt.Sprintf("%s of %s, in parts", sweep.Site.Name, sweep.Start.UTC().Format(time.RFC3339)), Seen: time.Now(), Pace: pace}
		_ = s.persist(ctx, f.Name, func() error {
			_, _, err := s.publishNew(ctx, f, sweep)
			return err
		}) // which fails only when asked to stop
	}
}
