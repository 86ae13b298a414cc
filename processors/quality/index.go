package quality

import (
	"slices"

	"bowecho/internal/radar"
)

// What is given back is off by about errorShare of it, as what rain takes for a degree of phase changes with the size and
// the temperature of drops (0.17 to 0.31 dB at X band, Park et al. 2005, JTECH 22, 1633-1655); a radar's calibration is
// off by about calibrationDB.
const (
	errorShare    = 0.25
	calibrationDB = 1.0
)

// index gives how far each gate is to be trusted: the share of the calibration's error in all of its error, squared as
// errors are that go into a mean. It is 1 for what is as measured, and a half where 4 dB are given back. Where no echo is
// seen behind rain the beam is as weak as at the last echo before. It is nil where nothing is given back.
func (v *view) index(corrected []float32) []float32 {
	if !slices.ContainsFunc(v.codes, func(c Code) bool { return c != Weather && c.IsWeather() }) {
		return nil
	}
	n := v.gates.Count
	index := make([]float32, len(v.codes))
	for ray := range v.rays {
		var given float32 // dB
		for i := ray * n; i < (ray+1)*n; i++ {
			if v.codes[i].IsWeather() {
				given = corrected[i] - v.z[i]
			}
			off := errorShare / calibrationDB * given
			index[i] = 1 / (1 + off*off)
		}
	}
	return index
}

// index gives the quality index of a sweep as a moment, none where it is 1 everywhere.
func (m *Marked) index(sweep int) []radar.Moment {
	if m.Index[sweep] == nil {
		return nil
	}
	return []radar.Moment{{
		Name: radar.QIND, Units: "1", Gates: m.Scan.Sweeps[sweep].Moment(radar.DBZH).Gates,
		Coding: radar.Coding{Quantum: 0.01}, Values: m.Index[sweep],
	}}
}
