// Package mosaic lays what many radars see on one grid.
package mosaic

import (
	"fmt"
	"math"
	"slices"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

// Config says which beams count.
type Config struct {
	MinElevationDeg float64 `yaml:"min_elevation_deg"` // lower sweeps see the ground
	MaxAboveRadarM  float64 `yaml:"max_above_radar_m"` // where the beam is higher nothing is said of the ground
}

// DefaultConfig takes every sweep of a scanning radar. At 6 km a beam is above the melting layer and most of the rain:
// X-band radars never come there, and NEXRAD's lowest sweep does so at 270 km.
func DefaultConfig() Config { return Config{MinElevationDeg: 0, MaxAboveRadarM: 6000} }

// Validate tells what is wrong.
func (c Config) Validate() error {
	if !(c.MinElevationDeg >= -5 && c.MinElevationDeg < 90) || !(c.MaxAboveRadarM > 0) {
		return fmt.Errorf("min_elevation_deg is %g and max_above_radar_m %g, want -5 to 90 and more than 0", c.MinElevationDeg, c.MaxAboveRadarM)
	}
	return nil
}

// Merge gives the highest reflectivity that any radar sees above each cell, in dBZ, and the radars that see any. Scans
// come oldest first; of one radar and elevation the newest counts. A cell takes the highest of the gates that reach
// into it. A cell that no beam reaches is NaN, and one in which beams find nothing grid.NoEchoDBZ.
func Merge(scans []*radar.Scan, d grid.Domain, cfg Config) (*grid.Field, []string, error) {
	if err := d.Validate(); err != nil {
		return nil, nil, err
	}
	field := grid.NewField(d.Rows, d.Cols)
	var radars []string
	for _, s := range newest(scans, cfg) {
		l, err := newLookup(s.site, s.sweep, d, cfg)
		if err != nil {
			return nil, nil, err
		}
		if l.lay(field) && !slices.Contains(radars, s.site.Name) {
			radars = append(radars, s.site.Name)
		}
	}
	slices.Sort(radars)
	return field, radars, nil
}

// seen is one sweep that counts.
type seen struct {
	site  radar.Site
	sweep *radar.Sweep
}

// sameBeamDeg is how far two sweeps of one radar may differ and still be the same elevation at another time.
const sameBeamDeg = 0.25

func (s seen) isDopplerHalfOf(before seen) bool {
	return radar.IsDopplerHalf(s.sweep.Moment(radar.DBZH).Gates.ReachM(), before.sweep.Moment(radar.DBZH).Gates.ReachM(),
		s.sweep.Start.Sub(before.sweep.Start))
}

// newest gives the sweeps that count: of one radar and elevation only the last, and no vertical cuts.
func newest(scans []*radar.Scan, cfg Config) (list []seen) {
	for _, scan := range scans {
		for i := range scan.Sweeps {
			s := seen{scan.Site, &scan.Sweeps[i]}
			if s.sweep.Moment(radar.DBZH) == nil || len(s.sweep.Rays) == 0 || s.sweep.Vertical || s.sweep.ElevationDeg < cfg.MinElevationDeg {
				continue
			}
			same := func(old seen) bool {
				return old.site.Name == s.site.Name && math.Abs(old.sweep.ElevationDeg-s.sweep.ElevationDeg) < sameBeamDeg
			}
			if i := slices.IndexFunc(list, same); i >= 0 && s.isDopplerHalfOf(list[i]) {
				continue
			}
			list = append(slices.DeleteFunc(list, same), s)
		}
	}
	return list
}
