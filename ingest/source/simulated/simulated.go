// Package simulated makes up a storm and the three overlapping radars that see it, as files in the true format.
package simulated

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/radar"
)

// Config says which storm, when, and how fast.
type Config struct {
	Seed      uint64
	Start     time.Time     // of the data
	Duration  time.Duration // of the data; 0: endless
	Speed     float64       // seconds of data a second of wall clock
	CentreLat float64
	CentreLon float64
	Radars    []radar.Site
	Format    string // CASA, Level2 or Parts
}

// DefaultConfig has three radars 40 km apart in northern Texas.
func DefaultConfig() Config {
	return Config{
		Seed: 1, Speed: 1, Format: CASA, CentreLat: 32.65, CentreLon: -97,
		Radars: []radar.Site{
			{Name: "northlake.tx", LatitudeDeg: 32.86, LongitudeDeg: -97.10, HeightM: 200},
			{Name: "eastfork.tx", LatitudeDeg: 32.56, LongitudeDeg: -96.75, HeightM: 160},
			{Name: "caddo.tx", LatitudeDeg: 32.50, LongitudeDeg: -97.25, HeightM: 230},
		},
	}
}

// kilometres gives a place east and north of the centre.
func (c Config) kilometres(lat, lon float64) (x, y float64) {
	const perDegree = radar.EarthRadiusM / 1000 * math.Pi / 180
	return (lon - c.CentreLon) * perDegree * math.Cos(c.CentreLat*math.Pi/180), (lat - c.CentreLat) * perDegree
}

// Source is the radars' files as they would come.
type Source struct {
	cfg   Config
	storm *Storm
}

// New gives a source that has not started anything.
func New(cfg Config) (*Source, error) {
	if len(cfg.Radars) == 0 || !(cfg.Speed > 0 && cfg.Speed <= 1000) || cfg.Start.IsZero() || cfg.Duration < 0 {
		return nil, errors.New("a simulated storm needs radars, a start, a speed above 0 up to 1000 and a duration that is not negative")
	}
	if forms[cfg.Format] == nil {
		return nil, fmt.Errorf("format %q is not known, want %s, %s or %s", cfg.Format, CASA, Level2, Parts)
	}
	return &Source{cfg, NewStorm(cfg)}, nil
}

// Run emits the first sweep at once, and every other as much later as it began later.
func (s *Source) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	began := time.Now()
	return s.each(func(scan *radar.Scan) error {
		due := began.Add(time.Duration(float64(scan.Start.Sub(s.cfg.Start)) / s.cfg.Speed))
		if err := source.Wait(ctx, due); err != nil {
			return err
		}
		files, err := forms[s.cfg.Format](scan)
		for _, f := range files {
			if err == nil {
				err = ctx.Err()
			}
			if err == nil {
				err = emit(ctx, source.File{Name: f.Name, Data: f.Data, Seen: time.Now(), Pace: s.cfg.Speed})
			}
		}
		return err
	})
}

// each hands every sweep to a function, in order of time.
func (s *Source) each(use func(*radar.Scan) error) error {
	for n := 0; ; n++ {
		i := n % len(s.cfg.Radars)
		at := time.Duration(n/len(s.cfg.Radars))*period + time.Duration(i)*period/time.Duration(len(s.cfg.Radars))
		if s.cfg.Duration > 0 && at >= s.cfg.Duration {
			return nil
		}
		if err := use(s.storm.look(i, s.cfg.Start.Add(at.Truncate(time.Second)))); err != nil {
			return err
		}
	}
}

// Write writes the files of a storm to a directory, and gives how many.
func Write(ctx context.Context, dir string, cfg Config) (count int, err error) {
	if cfg.Duration <= 0 {
		return 0, errors.New("to write a storm takes a duration above 0")
	}
	s, err := New(cfg)
	if err != nil {
		return 0, err
	}
	err = s.each(func(scan *radar.Scan) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		files, err := forms[cfg.Format](scan)
		for _, f := range files {
			if err == nil {
				err = writeFile(filepath.Join(dir, f.Name), f.Data)
				count++
			}
		}
		return err
	})
	return count, err
}
