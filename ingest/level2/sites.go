package level2

import (
	_ "embed"
	"fmt"
	"path"
	"strings"
	"sync"

	"bowecho/internal/radar"
)

//go:embed sites.txt
var siteList string

// sites is every WSR-88D and TDWR by name. WSR-88Ds have the height of their ground, over which the antenna stands 10 to
// 34 m; TDWRs that of their antenna.
var sites = sync.OnceValue(func() map[string]radar.Site {
	known := map[string]radar.Site{}
	for line := range strings.Lines(siteList) {
		var s radar.Site
		if n, _ := fmt.Sscan(line, &s.Name, &s.LatitudeDeg, &s.LongitudeDeg, &s.HeightM); n == 4 {
			known[s.Name] = s
		}
	}
	return known
})

// SiteOf gives where a WSR-88D or TDWR stands.
func SiteOf(station string) (site radar.Site, known bool) {
	site, known = sites()[station]
	return site, known
}

// siteOfFile gives the station whose name stands in a file's name, "" where none does.
func siteOfFile(name string) string {
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	for i := 0; i+4 <= len(base); i++ {
		if _, known := sites()[base[i:i+4]]; known {
			return base[i : i+4]
		}
	}
	return ""
}

// isStation tells whether a name is one that a station can have: a letter, then letters and digits.
func isStation(name string) bool {
	for i, c := range []byte(name) {
		if !(c >= 'A' && c <= 'Z') && !(i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return len(name) == 4
}

// isTerminal tells whether a station is a Terminal Doppler Weather Radar: T before an airport. TJUA is San Juan's WSR-88D.
func isTerminal(station string) bool { return strings.HasPrefix(station, "T") && station != "TJUA" }

// The widths of the beams between half-power points in degrees. Sources: NOAA, Federal Meteorological Handbook 11 part B
// (WSR-88D at 2.85 GHz), and FAA's specification of the TDWR.
const (
	beamWidthDeg         = 0.925
	terminalBeamWidthDeg = 0.55
)

func beamWidthOf(station string) float64 {
	if isTerminal(station) {
		return terminalBeamWidthDeg
	}
	return beamWidthDeg
}
