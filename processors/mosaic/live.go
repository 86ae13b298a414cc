package mosaic

import (
	"cmp"
	"slices"
	"time"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

// Live is a mosaic that goes on as sweeps come: a new one is laid on the cells in its radar's reach, and the others stay.
type Live struct {
	cfg    Config
	keep   time.Duration
	tiles  []tile
	sweeps []seen
	layers [][]*layer // of each tile, by the radars' names
	mosaic *Mosaic
}

// NewLive gives a mosaic of nothing yet. A sweep counts until it is older than keep.
func NewLive(d grid.Domain, cfg Config, keep time.Duration) (*Live, error) {
	if err := cmp.Or(d.Validate(), cfg.Validate()); err != nil {
		return nil, err
	}
	l := &Live{cfg: cfg, keep: keep, tiles: tiles(d, tileCells), mosaic: newMosaic(d, time.Time{})}
	l.layers = make([][]*layer, len(l.tiles))
	for _, t := range l.tiles { // so that cells which no radar reaches say so
		l.mosaic.combine(nil, t, extent{0, t.Rows}, cfg.Combine)
	}
	return l, nil
}

// Update adds scans and gives the mosaic at a time: the same, byte for byte, as Make gives of all scans that count. It
// holds until the next Update. When there is an error the mosaic stays as it was.
func (l *Live) Update(at time.Time, scans ...*radar.Scan) (*Mosaic, error) {
	sweeps := newest(append(slices.Clone(l.sweeps), sweepsOf(scans)...), l.cfg.MinElevationDeg)
	sweeps = slices.DeleteFunc(sweeps, func(s seen) bool { return at.Sub(s.time()) > l.keep })
	changed, err := l.changed(sweeps)
	if err != nil {
		return nil, err
	}
	ageing := !at.Equal(l.mosaic.Time) // everywhere
	l.sweeps, l.mosaic.Time, l.mosaic.Radars = sweeps, at, nil
	if ageing {
		l.mosaic.sets = newSets()
	}
	for i, t := range l.tiles {
		rows := extent{t.Rows, 0}
		for name, s := range changed {
			rows = rows.and(l.replace(i, name, s))
		}
		if ageing {
			rows = extent{0, t.Rows}
		}
		if rows.first < rows.end {
			l.mosaic.combine(l.layers[i], t, rows, l.cfg.Combine)
		}
		for _, laid := range l.layers[i] {
			if laid.sees {
				l.mosaic.name(laid.look)
			}
		}
	}
	return l.mosaic, nil
}

// changed gives the radars whose sweeps are no longer the same; nil for one that has none left.
func (l *Live) changed(sweeps []seen) (map[string]*station, error) {
	before, changed := map[string][]seen{}, map[string]*station{}
	for _, list := range byRadar(slices.Clone(l.sweeps)) {
		before[list[0].site.Name], changed[list[0].site.Name] = list, nil
	}
	for _, list := range byRadar(slices.Clone(sweeps)) {
		name := list[0].site.Name
		if slices.Equal(list, before[name]) {
			delete(changed, name)
			continue
		}
		s, err := newStation(list, l.tiles[0].Domain, l.cfg, l.cfg.levelsM())
		if err != nil {
			return nil, err
		}
		changed[name] = s
	}
	return changed, nil
}

// replace lays a radar anew on a tile, and gives the rows in which it saw or sees anything.
func (l *Live) replace(i int, name string, s *station) (rows extent) {
	rows.first = l.tiles[i].Rows
	at, found := slices.BinarySearchFunc(l.layers[i], name, func(old *layer, name string) int { return cmp.Compare(old.look.Radar, name) })
	if found {
		rows = l.layers[i][at].rows()
		l.layers[i] = slices.Delete(l.layers[i], at, at+1)
	}
	if s == nil {
		return rows
	}
	if laid := s.layer(l.tiles[i]); laid != nil {
		rows = rows.and(laid.rows())
		l.layers[i] = slices.Insert(l.layers[i], at, laid)
	}
	return rows
}
