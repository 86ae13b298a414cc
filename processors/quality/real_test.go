package quality

import (
	"math"
	"testing"

	"bowecho/internal/racing"
	"bowecho/internal/radar"
)

// farM is where neither the ground nor the radar's own mast is seen strongly.
const farM = 15000

// storms counts the gates of storms in a sweep, and those of them that are kept. A storm is farM or more from the radar, at
// least 35 dBZ, and so are 18 of the 25 gates around.
func storms(z *radar.Moment, list []Code, rays int) (all, kept int) {
	n := z.Gates.Count
	strong := func(r, g int) bool { v := z.Values[(r+rays)%rays*n+g]; return valid(v) && v >= stormDBZ }
	for r := range rays {
		for g := 2; g < n-2; g++ {
			if z.Gates.CentreM(g) < farM || !strong(r, g) {
				continue
			}
			around := 0
			for dr := -2; dr <= 2; dr++ {
				for dg := -2; dg <= 2; dg++ {
					if strong(r+dr, g+dg) {
						around++
					}
				}
			}
			if around >= 18 {
				all++
				if list[r*n+g].IsWeather() {
					kept++
				}
			}
		}
	}
	return all, kept
}

// TestRealRadars holds for each radar that 99 % of its storms' gates are kept, which part of all echo is, and what is found
// the most of where not.
func TestRealRadars(t *testing.T) {
	racing.Skip(t, "the calculation is watched in others")
	for name, c := range map[string]struct {
		least, most float64 // part of the echo that is weather
		reason      Code    // the most frequent of the others
		storms      int     // gates at least
	}{
		"casa-20170329/addison.tx-20170329-071008.netcdf.gz":  {0.4, 0.55, LowCorrelation, 200},
		"casa-20170329/addison.tx-20170329-072350.netcdf.gz":  {0.75, 0.85, LowCorrelation, 11000},
		"casa-20170329/addison.tx-20170329-074028.netcdf.gz":  {0.75, 0.88, LowCorrelation, 4700},
		"casa-20170329/cleburne.tx-20170329-072602.netcdf.gz": {0.8, 0.9, FirstGates, 70},
		"casa-20170329/denton.tx-20170329-073801.netcdf.gz":   {0.2, 0.26, Noise, 0},
		"nexrad/KFWS20190609_222523.bin":                      {0.3, 0.37, LowCorrelation, 28000},
		"nexrad/KLBB20160601_150025_V06":                      {0.83, 0.88, LowCorrelation, 29000},
		"nexrad/KHTX20080411_183137.gz":                       {0.96, 0.99, Speckle, 6700},
		"nexrad/KTLX19990503_235621.gz":                       {0.98, 1, Speckle, 15000},
		"nexrad/KTLX20100501_000444_V03.gz":                   {0.96, 0.99, Speckle, 2000},
		"nexrad/Level2_TSTL_20220213_2357.ar2v":               {0.9, 0.95, Speckle, 0},
		"odim/40_20181220_060630.pvol.h5":                     {0.9, 0.95, Speckle, 12000},
		"odim/bejab.pvol.hdf":                                 {0.99, 1, Speckle, 1900},
		"odim/pvol_searl_20090501T120000Z.h5":                 {0.95, 0.98, Speckle, 0},
		"cfradial/MLA2119412050U.006.nc":                      {0.96, 0.99, LowCorrelation, 3000},
	} {
		scan := decoded(t, "data", name)
		found, all, kept := counted(scan, Mark(scan, ProfileFor(scan.Site.Name)))
		echo, weather, reason := 0, 0, Noise
		for code, n := range found {
			echo += n
			switch code := Code(code); {
			case code.IsWeather():
				weather += n
			case n > found[reason]:
				reason = code
			}
		}
		part := float64(weather) / float64(echo)
		t.Logf("%s: %.3f weather; storms: %d of %d; %v", name, part, kept, all, found)
		if !(part >= c.least && part <= c.most) || reason != c.reason {
			t.Errorf("%s: %.3f of the echo is weather and most of the rest %s, want %g to %g and %s", name, part, reason, c.least, c.most, c.reason)
		}
		if all < c.storms || float64(kept) < 0.99*float64(all) {
			t.Errorf("%s: %d of %d gates of storms are kept, want 99 %% of at least %d", name, kept, all, c.storms)
		}
	}
}

// counted gives how many echoes have each code, and the gates of storms, all and kept.
func counted(scan *radar.Scan, m *Marked) (found [codes]int, all, kept int) {
	marked := 0
	for i := range scan.Sweeps {
		z := scan.Sweeps[i].Moment(radar.DBZH)
		if z == nil {
			continue
		}
		a, k := storms(z, m.Codes[marked], len(scan.Sweeps[i].Rays))
		all, kept = all+a, kept+k
		for g, code := range m.Codes[marked] {
			if valid(z.Values[g]) {
				found[code]++
			}
		}
		marked++
	}
	return found, all, kept
}

// TestTheGroundNearTheRadarIsRemoved looks at strong echo within farM at the lowest elevation. At KFWS all of it is the
// city; at KLBB a storm stands there, too, so that only what has a correlation of less than 0.7 is surely not weather.
func TestTheGroundNearTheRadarIsRemoved(t *testing.T) {
	for name, mostRhoHV := range map[string]float32{"KFWS20190609_222523.bin": 2, "KLBB20160601_150025_V06": 0.7} {
		scan := decoded(t, "data", "nexrad", name)
		m := Mark(scan, usual)
		z := scan.Sweeps[0].Moment(radar.DBZH)
		rho := scan.Sweeps[0].Moment(radar.RHOHV).ValuesOn(z.Gates)
		all, left := 0, 0
		for i, v := range z.Values {
			if v >= stormDBZ && valid(v) && z.Gates.CentreM(i%z.Gates.Count) < farM && rho[i] < mostRhoHV {
				all++
				if m.Codes[0][i].IsWeather() {
					left++
				}
			}
		}
		t.Logf("%s: %d of %d left", name, left, all)
		if all < 40 || float64(left) > 0.05*float64(all) {
			t.Errorf("%s: %d of %d gates of strong echo near the radar are left", name, left, all)
		}
	}
}

// TestRadarsAgreeBetterOnceRainIsGivenBack compares Addison with Denton, which see the same rain through different rain: the
// standard deviation of their difference over cells of 1 km falls by a tenth or more.
func TestRadarsAgreeBetterOnceRainIsGivenBack(t *testing.T) {
	a := decoded(t, "data", "casa-20170329", "addison.tx-20170329-073831.netcdf.gz")
	b := decoded(t, "data", "casa-20170329", "denton.tx-20170329-073801.netcdf.gz")
	asMeasured, restored := spread(a, b, usual.with(func(p *Profile) { p.Band = BandS })), spread(a, b, usual)
	t.Logf("%.2f dB as measured, %.2f restored", asMeasured, restored)
	if !(restored < 0.9*asMeasured) {
		t.Errorf("%.2f dB as measured, %.2f restored", asMeasured, restored)
	}
}

// spread gives the standard deviation of the difference of two radars where both see weather and one of them 15 dBZ.
func spread(a, b *radar.Scan, p Profile) float64 {
	there := cells(b, p, a.Site)
	var sum, squares, n float64
	for at, z := range cells(a, p, a.Site) {
		if w, both := there[at]; both && max(z, w) >= 15 {
			d := z - w
			sum, squares, n = sum+d, squares+d*d, n+1
		}
	}
	return math.Sqrt(squares/n - sum/n*sum/n)
}

// cells gives the mean reflectivity in dBZ of cells of 1 km around a site with weather in six gates or more.
func cells(scan *radar.Scan, p Profile, around radar.Site) map[[2]int]float64 {
	const kmPerDeg = 111.0
	sweep := Clean(scan, p).Sweeps[0]
	z := sweep.Moments[0]
	north := (scan.Site.LatitudeDeg - around.LatitudeDeg) * kmPerDeg
	east := (scan.Site.LongitudeDeg - around.LongitudeDeg) * kmPerDeg * math.Cos(around.LatitudeDeg*math.Pi/180)
	sums, counts := map[[2]int]float64{}, map[[2]int]int{}
	for i, v := range z.Values {
		if !valid(v) {
			continue
		}
		sin, cos := math.Sincos(float64(sweep.Rays[i/z.Gates.Count].AzimuthDeg) * math.Pi / 180)
		km := z.Gates.CentreM(i%z.Gates.Count) / 1000
		at := [2]int{int(math.Floor(north + km*cos)), int(math.Floor(east + km*sin))}
		sums[at] += math.Pow(10, float64(v)/10)
		counts[at]++
	}
	for at, n := range counts {
		if sums[at] = 10 * math.Log10(sums[at]/float64(n)); n < 6 {
			delete(sums, at)
		}
	}
	return sums
}
