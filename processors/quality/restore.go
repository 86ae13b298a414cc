package quality

import (
	"fmt"
	"math"
	"slices"

	"bowecho/internal/radar"
)

// Band is the part of the spectrum that a radar sends in; rain takes much at X, some at C, and at S less than calibration
// is sure of.
type Band uint8

// BandUnknown is corrected as little as S is.
const (
	BandUnknown Band = iota
	BandS
	BandC
	BandX
)

// loss is what rain takes from the beam there and back for each degree of differential phase: of reflectivity and of
// differential reflectivity, in dB.
type loss struct{ dBZ, zdr float32 }

// losses is by band. X: as in CASA's hydrometeor classification (0.233 dB/°, of which 0.142 is between the polarizations),
// from Bringi and Chandrasekar 2001, Polarimetric Doppler Weather Radar, ch. 7. C: Bringi et al. 1990, JTECH 7, 829-840.
var losses = map[Band]loss{BandC: {0.054, 0.0157}, BandX: {0.233, 0.142 * 0.233}}

// No more is given back than this; where more was taken the phase's own errors would be 5 dB, or the echo is gone.
const mostLossDB = 20

// leastLossDB is not worth a mark.
const leastLossDB = 0.5

// bandOf gives a profile's band, else that of the format: CASA's radars are at X, WSR-88Ds at S.
func (v *view) bandOf(p Profile) Band {
	switch {
	case p.Band != BandUnknown:
		return p.Band
	case v.format == "casa":
		return BandX
	default:
		return BandUnknown
	}
}

// restore gives the corrected sweep its own reflectivity and differential reflectivity where these change. It
// marks what it corrects, and gives in words what could not be corrected.
func (v *view) restore(corrected *radar.Sweep, p Profile) (notes []string) {
	l, much := losses[v.bandOf(p)]
	if !much && len(p.Blockage) == 0 {
		return nil
	}
	z := corrected.Moment(radar.DBZH)
	z.Values = slices.Clone(z.Values)
	if much {
		notes = v.giveBackRain(corrected, l)
	}
	v.giveBackGround(z.Values, p.Blockage)
	return notes
}

// giveBackRain adds what rain took, by the differential phase that the beam had gathered.
// Source: Bringi et al. 1990, JTECH 7, 829-840; Park et al. 2005, JTECH 22, 1633-1655, for X band.
func (v *view) giveBackRain(corrected *radar.Sweep, l loss) []string {
	phase := v.newPhase()
	if phase == nil {
		return []string{fmt.Sprintf("the loss to rain is not given back at %.1f°: no differential phase with a sound correlation", v.sweep.ElevationDeg)}
	}
	n := v.gates.Count
	z := corrected.Moment(radar.DBZH).Values
	var zdr []float32
	if m := corrected.Moment(radar.ZDR); m != nil && len(m.Values) == len(z) {
		m.Values = slices.Clone(m.Values)
		zdr = m.Values
	}
	gathered := make([]float32, n)
	wet, without := 0, 0
	for ray := range v.rays {
		codes := v.codes[ray*n : (ray+1)*n]
		from, to := v.spans[ray].from, v.spans[ray].to
		if !slices.Contains(codes[from:to], Weather) {
			continue
		}
		wet++
		if !phase.gathered(gathered, ray, from, to) {
			without++
			continue
		}
		for g := from; g < to; g++ {
			if codes[g] != Weather {
				continue
			}
			took := gathered[g] * l.dBZ
			if took > leastLossDB {
				codes[g] = Restored
			}
			if took > mostLossDB {
				codes[g], took = Capped, mostLossDB
			}
			i := ray*n + g
			z[i] += took
			if zdr != nil {
				zdr[i] += took * l.zdr / l.dBZ
			}
		}
	}
	if without > 0 {
		return []string{fmt.Sprintf("the loss to rain is not given back on %d of %d rays with weather at %.1f°: too few gates with a sound phase",
			without, wet, v.sweep.ElevationDeg)}
	}
	return nil
}

// turned gives an angle between -180 and 180 degrees.
func turned(deg float64) float64 {
	return deg - 360*math.Round(deg/360)
}
