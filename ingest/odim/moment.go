package odim

import (
	"fmt"
	"strconv"

	"bowecho/internal/radar"
)

// names gives the field's names of the quantities that earlier versions call otherwise.
var names = map[string]string{"VRAD": radar.VRADH, "WRAD": radar.WRADH, "SNR": radar.SNRH, "DBZ": radar.DBZH}

// units of the quantities, from the standard's table of them. Others have none that is known.
var units = map[string]string{
	"TH": "dBZ", "TV": "dBZ", "DBZH": "dBZ", "DBZV": "dBZ", "DBZ": "dBZ", "ZDR": "dB", "UZDR": "dB", "LDR": "dB", "RHOHV": "1", "URHOHV": "1",
	"PHIDP": "degrees", "UPHIDP": "degrees", "KDP": "degrees/km", "UKDP": "degrees/km", "SQIH": "1", "SQIV": "1", "SQI": "1", "QIND": "1",
	"SNR": "dB", "SNRH": "dB", "SNRV": "dB", "CCORH": "dB", "CCORV": "dB", "VRAD": "m/s", "VRADH": "m/s", "VRADV": "m/s",
	"VRADDH": "m/s", "VRADDV": "m/s", "WRAD": "m/s", "WRADH": "m/s", "WRADV": "m/s", "CSP": "1", "PIA": "dB", "RATE": "mm/h",
}

// readMoment reads a data group, still under the file's name, and gives its rays. Raw values that stand for no data or
// for nothing detected are kept apart; where the file gives both the same value it does not know which, and neither do we.
func (v *volume) readMoment(at place, gates radar.Gates) (*radar.Moment, int, error) {
	quantity := at.text("what", "quantity")
	if quantity == "" {
		return nil, 0, fmt.Errorf("no attribute quantity in what")
	}
	data := at.paths[0] + "/data"
	shape, found := at.file.Shape(data)
	if !found || len(shape) != 2 || shape[0] < 1 || shape[1] < 1 || shape[0] > maxGates/shape[1] {
		return nil, 0, fmt.Errorf("%s has shape %v, want rays × gates, 1 to %d in all", quantity, shape, maxGates)
	}
	if v.gates += shape[0] * shape[1]; v.gates > maxGates {
		return nil, 0, fmt.Errorf("%s: more than %d gates in the file, which no volume has", quantity, maxGates)
	}
	if rays, bins := at.number("where", "nrays"), at.number("where", "nbins"); or(rays, float64(shape[0])) != float64(shape[0]) || or(bins, float64(shape[1])) != float64(shape[1]) {
		return nil, 0, fmt.Errorf("%s has %d × %d values, and where says %g rays × %g gates", quantity, shape[0], shape[1], rays, bins)
	}
	raw, err := at.file.Numbers(data)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", quantity, err)
	}
	gates.Count = shape[1]
	m := &radar.Moment{Name: quantity, Units: units[quantity], Gates: gates, Values: make([]float32, len(raw))}
	gain, offset := or(at.number("what", "gain"), 1), or(at.number("what", "offset"), 0)
	nodata, undetect := at.number("what", "nodata"), at.number("what", "undetect")
	for i, r := range raw {
		switch {
		case r == nodata || r-r != 0:
			m.Values[i] = radar.NoDataValue
		case r == undetect:
			m.Values[i] = radar.BelowThresholdValue
		default:
			m.Values[i] = float32(gain*r + offset)
		}
	}
	return m, shape[0], nil
}

// free gives a name that no moment of the sweep has yet.
func free(s *radar.Sweep, name string) string {
	for n, tried := 2, name; ; n++ {
		if s.Moment(tried) == nil {
			return tried
		}
		tried = name + "_" + strconv.Itoa(n)
	}
}

// nameMoments gives moments the field's names. One whose name is taken keeps its own.
func nameMoments(s *radar.Sweep) {
	for i := range s.Moments {
		if name := names[s.Moments[i].Name]; name != "" && s.Moment(name) == nil {
			s.Moments[i].Name = name
		}
	}
}
