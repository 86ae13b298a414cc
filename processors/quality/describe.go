package quality

import "bowecho/internal/radar"

// Description counts what the gates of a scan hold.
type Description struct {
	Radar  string             `json:"radar"`
	Notes  []string           `json:"notes,omitempty"` // what could not be done
	Sweeps []SweepDescription `json:"sweeps"`
}

// SweepDescription counts the gates of a sweep by the names of their codes, those that occur.
type SweepDescription struct {
	ElevationDeg float64        `json:"elevationDeg"`
	Gates        map[string]int `json:"gates"`
}

// Describe counts what the gates hold.
func (m *Marked) Describe() Description {
	d := Description{Radar: m.Scan.Site.Name, Notes: m.Notes, Sweeps: []SweepDescription{}}
	for i, list := range m.Codes {
		var counts [codes]int
		for _, code := range list {
			counts[code]++
		}
		sweep := SweepDescription{ElevationDeg: m.Scan.Sweeps[i].ElevationDeg, Gates: map[string]int{}}
		for code, n := range counts {
			if n > 0 {
				sweep.Gates[Code(code).String()] = n
			}
		}
		d.Sweeps = append(d.Sweeps, sweep)
	}
	return d
}

// quality is the moment that holds the codes.
const quality = "QUALITY"

// WithCodes gives the corrected scan with one more moment, QUALITY, that holds the number of each gate's code.
func (m *Marked) WithCodes() *radar.Scan {
	out := *m.Scan
	out.Sweeps = make([]radar.Sweep, len(m.Codes))
	for i, list := range m.Codes {
		out.Sweeps[i] = m.Scan.Sweeps[i]
		numbers := radar.Moment{
			Name: quality, Units: "1", Gates: m.Scan.Sweeps[i].Moment(radar.DBZH).Gates,
			Coding: radar.Coding{Quantum: 1}, Values: make([]float32, len(list)),
		}
		for g, code := range list {
			numbers.Values[g] = float32(code)
		}
		own := out.Sweeps[i].Moments
		out.Sweeps[i].Moments = append(own[:len(own):len(own)], numbers)
	}
	return &out
}
