package mosaic

import (
	"fmt"
	"slices"
	"strings"
)

// Config says which beams count, and which radar where several look.
type Config struct {
	MinElevationDeg float64 `yaml:"min_elevation_deg"` // lower sweeps see the ground
	MaxAboveRadarM  float64 `yaml:"max_above_radar_m"` // where the beam is higher nothing is said of the ground; CAPPIs go as high as beams do
	Heights         string  `yaml:"heights"`           // Lowest, Band, Column or CAPPI
	BandFromM       float64 `yaml:"band_from_m"`       // of Band
	BandToM         float64 `yaml:"band_to_m"`
	CAPPIM          float64 `yaml:"cappi_m"` // height of CAPPI
	Above           string  `yaml:"above"`   // what the heights of Band and CAPPI are measured from: Radar or Sea
	Combine         string  `yaml:"combine"` // Highest, Nearest or Weighted
}

// Heights: what a radar says of a cell from all its beams there.
const (
	Lowest = "lowest" // what the lowest beam sees
	Band   = "band"   // the highest value of the beams within a band of heights
	Column = "column" // the highest value of all beams
	CAPPI  = "cappi"  // between the beams below and above one height
)

// What heights are measured from. The height of the ground is not known; the radar stands close above it.
const (
	Radar = "radar"
	Sea   = "sea"
)

// Combine: what counts where several radars see a cell.
const (
	Highest  = "highest"  // the highest value
	Nearest  = "nearest"  // that of the nearest radar
	Weighted = "weighted" // the mean; what is near, fresh and as measured counts more
)

// DefaultConfig takes every sweep of a scanning radar, and the highest of what is seen: a hazard that one radar misses
// behind heavy rain another shows. At 6 km a beam is above the melting layer and most of the rain: X-band radars never
// come there, and NEXRAD's lowest sweep does so at 270 km. The band is that of CASA's merged reflectivity.
func DefaultConfig() Config {
	return Config{
		MaxAboveRadarM: 6000, Heights: Column, BandFromM: 100, BandToM: 2000, CAPPIM: 2000, Above: Radar, Combine: Highest,
	}
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	switch {
	case !(c.MinElevationDeg >= -5 && c.MinElevationDeg < 90) || !(c.MaxAboveRadarM > 0):
		return fmt.Errorf("min_elevation_deg is %g and max_above_radar_m %g, want -5 to 90 and more than 0", c.MinElevationDeg, c.MaxAboveRadarM)
	case c.Heights == Band && !(c.BandFromM < c.BandToM):
		return fmt.Errorf("the band reaches from band_from_m %g to band_to_m %g, want the first to be less", c.BandFromM, c.BandToM)
	case c.Heights == CAPPI && !(c.CAPPIM > -1000 && c.CAPPIM < 30_000):
		return fmt.Errorf("cappi_m is %g, want -1000 to 30000", c.CAPPIM)
	}
	for _, choice := range []struct {
		key, value string
		of         []string
	}{
		{"heights", c.Heights, []string{Lowest, Band, Column, CAPPI}},
		{"above", c.Above, []string{Radar, Sea}},
		{"combine", c.Combine, []string{Highest, Nearest, Weighted}},
	} {
		if !slices.Contains(choice.of, choice.value) {
			return fmt.Errorf("%s is %q, want one of %s", choice.key, choice.value, strings.Join(choice.of, ", "))
		}
	}
	return nil
}

// levelsM gives the heights of CAPPIs that are asked for.
func (c Config) levelsM() []float64 {
	if c.Heights == CAPPI {
		return []float64{c.CAPPIM}
	}
	return nil
}

// zeroAboveRadarM gives where heights are measured from, above a radar.
func (c Config) zeroAboveRadarM(radarM float64) float64 {
	if c.Above == Sea {
		return -radarM
	}
	return 0
}
