package mosaic

import (
	"math"
	"slices"
	"time"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

// usualBeamWidthDeg is of radars that do not say: WSR-88D's.
const usualBeamWidthDeg = 1.0

// station is one radar with its sweeps that count, the lowest first, and the heights that are asked for.
type station struct {
	site     radar.Site
	ground   *ground // of the tile that is worked on
	heights  string
	views    []*view
	lowM     float32 // above the radar; beams within count
	highM    float32
	levelsM  []float32 // of CAPPIs, above the radar, rising
	beamRad  float32
	reachesM float64
	aboveM   []float32 // of each step of the paths, and of each sweep there: its height; NaN beyond its path
	times    []time.Time
	weighs   bool // whether it matters how far its gates are to be trusted
}

// newStation takes the sweeps of one radar, the lowest first. levelsM are of CAPPIs, as the config measures heights.
func newStation(sweeps []seen, d grid.Domain, cfg Config, levelsM []float64) (*station, error) {
	site := sweeps[0].site
	zero := cfg.zeroAboveRadarM(site.HeightM)
	s := &station{site: site, heights: cfg.Heights, lowM: float32(math.Inf(-1)), highM: float32(cfg.MaxAboveRadarM), weighs: cfg.Combine == Weighted}
	if cfg.Heights == Band {
		s.lowM, s.highM = float32(cfg.BandFromM+zero), min(s.highM, float32(cfg.BandToM+zero))
	}
	for _, m := range levelsM {
		s.levelsM = append(s.levelsM, float32(m+zero))
	}
	beamWidth := usualBeamWidthDeg
	for _, sweep := range sweeps {
		v, err := newView(sweep, d)
		if err != nil {
			return nil, err
		}
		s.views, s.times = append(s.views, v), append(s.times, v.time)
		s.reachesM = max(s.reachesM, v.path.reachM())
		if sweep.beamWidthDeg > 0 {
			beamWidth = sweep.beamWidthDeg
		}
	}
	s.beamRad = float32(beamWidth * math.Pi / 180)
	s.aboveM = s.allAboveM()
	return s, nil
}

// allAboveM gives the heights of all sweeps side by side.
func (s *station) allAboveM() (all []float32) {
	for step := range max(0, int(s.reachesM/pathStepM)+1) {
		for _, v := range s.views {
			above := nan
			if step < len(v.path.points) {
				above = v.path.points[step].aboveM
			}
			all = append(all, above)
		}
	}
	return all
}

// reach finds the cells of a tile that the radar may see, and tells whether there are any.
func (s *station) reach(t tile) bool {
	s.ground = groundOf(s.site, t.Domain, s.reachesM)
	return len(s.ground.places) > 0
}

// fill makes the sweeps ready to be looked up: with drift all gates, else those at heights that are asked for.
func (s *station) fill(drifting bool) {
	for i, v := range s.views {
		from, to := 0, v.moment.Gates.Count+v.window
		if !drifting {
			from, to = s.gatesOfUse(i)
		}
		v.fill(from, to)
	}
}

func (s *station) release() {
	for _, v := range s.views {
		v.release()
	}
}

// gatesOfUse gives between which gates a sweep's windows end that are looked up at all.
func (s *station) gatesOfUse(i int) (from, to int) {
	v := s.views[i]
	first, last := -1, -1
	for k := range v.path.points {
		if s.mayUse(i, k) {
			if first < 0 {
				first = k
			}
			last = k
		}
	}
	if first < 0 {
		return 0, -1
	}
	// A step more at either side, since use is judged at the path's points only.
	low, high := v.ends[max(0, first-1)], v.ends[min(last+1, len(v.ends)-1)]
	return int(min(max(low, 0), 2*mostGates)), int(min(max(high, 0), 2*mostGates)) + 1
}

// newest gives the radar and the time of its newest sweep.
func (s *station) newest() Look {
	return Look{s.site.Name, slices.MaxFunc(s.times, time.Time.Compare)}
}

// mayUse tells whether a sweep counts for any height that is asked for, at a point of its path.
func (s *station) mayUse(i, k int) bool {
	own := s.views[i].path.points[k].aboveM
	if s.heights != CAPPI {
		return own >= s.lowM && own <= s.highM
	}
	below, above := s.limits(i, k, own)
	return slices.ContainsFunc(s.levelsM, func(m float32) bool { return m >= below && m <= above })
}

// limits gives between what heights a sweep has a part in a CAPPI, at a point of its path.
func (s *station) limits(i, k int, own float32) (below, above float32) {
	margin := s.beamRad * float32(k+1) * pathStepM
	below, above = own-margin, own+margin
	for j := i - 1; j >= 0; j-- {
		if p := s.views[j].path.points; k < len(p) {
			below = p[k].aboveM
			break
		}
	}
	for j := i + 1; j < len(s.views); j++ {
		if p := s.views[j].path.points; k < len(p) {
			above = p[k].aboveM
			break
		}
	}
	return below, above
}

// around gives the heights of the sweeps at the points before and after a cell, and nothing beyond all paths.
func (s *station) around(c *cell) (before, after []float32) {
	n := len(s.views)
	if (c.step+2)*n > len(s.aboveM) {
		return nil, nil
	}
	return s.aboveM[c.step*n:][:n], s.aboveM[(c.step+1)*n:][:n]
}

// at says what the radar has of a cell at each height that is asked for.
func (s *station) at(c *cell) {
	before, after := s.around(c)
	if s.heights == CAPPI {
		s.between(c, before, after)
		return
	}
	highest := nan
	for i, m := range before {
		if m += c.between * (after[i] - m); !(m >= s.lowM && m <= s.highM) {
			continue
		}
		if value := s.views[i].look(c.sight(i)).value(); value > highest || highest != highest && value == value {
			highest = value
			c.set(0, value, i)
			if s.heights == Lowest {
				return
			}
		}
	}
}
