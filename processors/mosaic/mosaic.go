// Package mosaic lays what many radars see on one grid.
//
// Of each radar a cell takes the mean over the gates in it; where the gates are larger than cells, what lies between
// them by distance. Where cells lie as seen from a radar is worked out once and kept.
package mosaic

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
	"bowecho/processors/motion"
)

// NotSeen is the age of a cell that no beam reaches.
const NotSeen = math.MaxUint16

// Mosaic is what radars see of a domain at a time. Its cells lie as those of DBZ.
type Mosaic struct {
	Time   time.Time
	DBZ    *grid.Field // NaN where no beam reaches, grid.NoEchoDBZ where beams find nothing
	AgeS   []uint16    // how long before the time a cell was seen, in seconds; NotSeen where it was not
	Looks  []uint8     // how many radars see a cell
	Radars []Look      // those that see any cell, by name
}

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

func newMosaic(d grid.Domain, at time.Time) *Mosaic {
	n := d.Rows * d.Cols
	return &Mosaic{Time: at, DBZ: &grid.Field{Rows: d.Rows, Cols: d.Cols, Values: make([]float32, n)}, AgeS: make([]uint16, n), Looks: make([]uint8, n)}
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
	radars := byRadar(newest(sweepsOf(scans), cfg.MinElevationDeg))
	for _, t := range tiles(d, tileCells) {
		layers := make([][]*layer, len(out)) // of each height, one a radar
		for _, sweeps := range radars {
			s, err := newStation(sweeps, t.Domain, cfg, levelsM)
			if err != nil {
				return nil, err
			}
			for i, l := range s.lay(t, driftOf(moving, at)) {
				layers[i] = append(layers[i], l)
			}
		}
		for i, m := range out {
			m.combine(layers[i], t, extent{0, t.Rows}, cfg.Combine)
			m.name(layers[i])
		}
	}
	return out, nil
}

// name adds the radars of layers that see any cell.
func (m *Mosaic) name(layers []*layer) {
	for _, l := range layers {
		named := slices.ContainsFunc(m.Radars, func(r Look) bool { return r.Radar == l.radar })
		if !named && slices.ContainsFunc(l.values, func(v float32) bool { return v == v }) {
			m.Radars = append(m.Radars, Look{l.radar, slices.MaxFunc(l.times, time.Time.Compare)})
		}
	}
	slices.SortFunc(m.Radars, func(a, b Look) int { return cmp.Compare(a.Radar, b.Radar) })
}
