// Package mosaic lays what many radars see on one grid.
//
// Of each radar a cell takes the mean over the gates in it; where the gates are larger than cells, what lies between
// them by distance. Where cells lie as seen from a radar is worked out once and kept.
package mosaic

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
	"bowecho/processors/motion"
)

// Mosaic is what radars see of a domain at a time. Its cells lie as those of DBZ.
type Mosaic struct {
	Time   time.Time
	DBZ    *grid.Field // NaN where no beam reaches, grid.NoEchoDBZ where beams find nothing
	AgeS   []uint16    // how long before the time a cell was seen, in seconds; grid.NotSeen where it was not
	Radars []Look      // those that see any cell, by name
	seenBy []uint16    // which radars see a cell: a number for sets
	sets   *sets
}

// Seen says of each cell which radars see it, and how long before the mosaic's time. It shares memory.
func (m *Mosaic) Seen() *grid.Seen { return &grid.Seen{AgeS: m.AgeS, By: m.seenBy, Sets: m.sets.names} }

// Look is the part of one radar.
type Look struct {
	Radar string
	Time  time.Time // of its newest sweep
}

// Names gives the names of the radars.
func (m *Mosaic) Names() (names []string) {
	for _, l := range m.Radars {
		names = append(names, l.Radar)
	}
	return names
}

// newMosaic gives a mosaic whose rows are all to be begun.
func newMosaic(d grid.Domain, at time.Time) *Mosaic {
	n := d.Rows * d.Cols
	return &Mosaic{Time: at, DBZ: grid.Unset(d.Rows, d.Cols), AgeS: make([]uint16, n), seenBy: make([]uint16, n), sets: newSets()}
}

// Make lays scans on a domain as it is at a time: of one radar and elevation the newest sweep counts, and the order in
// which scans are given does not matter. With a motion field of the domain echo is moved along it from when it was seen
// to the time; nil leaves it where it was. A sweep that is not as its moment says is an error.
func Make(scans []*radar.Scan, d grid.Domain, at time.Time, cfg Config, moving *motion.Field) (*Mosaic, error) {
	levels, err := makeAll(scans, d, at, cfg, cfg.levelsM(), moving)
	if err != nil {
		return nil, err
	}
	return levels[0], nil
}

// Levels gives a CAPPI at each of some heights in metres, which must rise. The config's own choice of heights is not used.
func Levels(scans []*radar.Scan, d grid.Domain, at time.Time, cfg Config, levelsM []float64) ([]*Mosaic, error) {
	if len(levelsM) == 0 || !slices.IsSorted(levelsM) {
		return nil, fmt.Errorf("CAPPIs at %v m, want one height or more, rising", levelsM)
	}
	cfg.Heights = CAPPI
	return makeAll(scans, d, at, cfg, levelsM, nil)
}

// makeAll gives one mosaic a height.
func makeAll(scans []*radar.Scan, d grid.Domain, at time.Time, cfg Config, levelsM []float64, moving *motion.Field) ([]*Mosaic, error) {
	if err := cmp.Or(d.Validate(), cfg.Validate()); err != nil {
		return nil, err
	}
	if moving != nil && (moving.Rows != d.Rows || moving.Cols != d.Cols) {
		return nil, fmt.Errorf("motion of %d × %d cells for a domain of %d × %d", moving.Rows, moving.Cols, d.Rows, d.Cols)
	}
	out := make([]*Mosaic, max(1, len(levelsM)))
	for i := range out {
		out[i] = newMosaic(d, at)
	}
	var stations []*station
	for _, sweeps := range byRadar(newest(sweepsOf(scans), cfg.MinElevationDeg)) {
		s, err := newStation(sweeps, d, cfg, levelsM)
		if err != nil {
			return nil, err
		}
		stations = append(stations, s)
	}
	for _, t := range tiles(d, tileCells) {
		layTile(out, stations, t, cfg.Combine, driftOf(moving, at))
	}
	return out, nil
}

// layTile lays stations, which come in the order of their names, on a tile of mosaics, one a height.
func layTile(out []*Mosaic, stations []*station, t tile, how string, d *drift) {
	var near []*station
	var ages [][]age
	for _, s := range stations {
		if s.reach(t) {
			s.fill(d != nil)
			defer s.release()
			near, ages = append(near, s), append(ages, agesAt(out[0].Time, s.times))
		}
	}
	sees := make([]atomic.Bool, len(out)*len(near)) // by height and radar
	grid.Shares(t.Rows, func() func(int) {
		c := newCell(len(out), t.Cols, how == Weighted)
		rows := make([]*row, len(out))
		for h, m := range out {
			rows[h] = newRow(m, t, how)
		}
		return func(i int) {
			for _, r := range rows {
				r.begin(i)
			}
			for k, s := range near {
				span := s.ground.row(i)
				if span.cols == 0 {
					continue
				}
				s.lay(c, t, i, d)
				for h, r := range rows {
					if r.lay(c.strip(h, span, s.ground.places), ages[k], s.site.Name) {
						sees[h*len(near)+k].Store(true)
					}
				}
			}
			for _, r := range rows {
				r.finish()
			}
		}
	})
	for h, m := range out {
		for k, s := range near {
			if sees[h*len(near)+k].Load() {
				m.name(s.newest())
			}
		}
	}
}

// name adds a radar that sees any cell.
func (m *Mosaic) name(l Look) {
	at, named := slices.BinarySearchFunc(m.Radars, l, func(a, b Look) int { return cmp.Compare(a.Radar, b.Radar) })
	if !named {
		m.Radars = slices.Insert(m.Radars, at, l)
	}
}
