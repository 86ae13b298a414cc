package quality

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"bowecho/internal/radar"
)

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

// leastToldPercent is a share of the echoes that is worth a word.
const leastToldPercent = 1

// Told gives in words, radar by radar, what could not be done, and what shares of all echoes are marked: "addison.tx: of
// its echoes 43 % low correlation, 2 % speckle, 31 % restored". It is empty where there is nothing to tell.
func Told(marked []*Marked) (told []string) {
	ofRadar := map[string][]*Marked{}
	for _, m := range marked {
		ofRadar[m.Scan.Site.Name] = append(ofRadar[m.Scan.Site.Name], m)
	}
	for _, name := range slices.Sorted(maps.Keys(ofRadar)) {
		var notes []string
		for _, m := range ofRadar[name] {
			notes = append(notes, m.Notes...)
		}
		slices.Sort(notes)
		for _, note := range append(slices.Compact(notes), shares(ofRadar[name])...) {
			told = append(told, name+": "+note)
		}
	}
	return told
}

// shares gives the shares of the echoes that are marked, as one note, none where there are none.
func shares(marked []*Marked) []string {
	var counts [codes]int
	for _, m := range marked {
		for _, list := range m.Codes {
			for _, code := range list {
				counts[code]++
			}
		}
	}
	echoes := 0
	for code, n := range counts {
		if Code(code).isEcho() {
			echoes += n
		}
	}
	var shares []string
	for _, code := range slices.Concat(notWeatherCodes, restoredCodes) {
		if n := counts[code]; 100*n >= leastToldPercent*echoes && n > 0 {
			shares = append(shares, fmt.Sprintf("%.0f %% %v", 100*float64(n)/float64(echoes), code))
		}
	}
	if len(shares) == 0 {
		return nil
	}
	return []string{"of its echoes " + strings.Join(shares, ", ")}
}

// quality is the moment that holds the codes.
const quality = "QUALITY"

// WithCodes gives the corrected scan with one more moment, QUALITY, that holds the number of each gate's code, and the
// quality index where something was given back.
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
		out.Sweeps[i].Moments = append(out.Sweeps[i].Moments, m.index(i)...)
	}
	return &out
}
