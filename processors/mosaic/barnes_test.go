package mosaic

import (
	"math"
	"testing"

	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/internal/racing"
	"bowecho/internal/radar"
	"bowecho/internal/realdata"
)

// onPlane gives the cell under a point of the plane that touches the earth at KLBB, in metres from there: the reference
// lies on it. Source: Snyder 1987, USGS Professional Paper 1395, eqs. 20-14 and 20-15, azimuthal equidistant.
func onPlane(d grid.Domain, site radar.Site, east, north float64) (row, col int) {
	away := math.Hypot(east, north)
	if away == 0 {
		return d.Rows / 2, d.Cols / 2
	}
	sin, cos := math.Sincos(away / radar.EarthRadiusM)
	sin0, cos0 := math.Sincos(site.LatitudeDeg * math.Pi / 180)
	lat := math.Asin(cos*sin0 + north*sin*cos0/away)
	lon := math.Atan2(east*sin, away*cos0*cos-north*sin0*sin)
	r, c := d.Cell(lat*180/math.Pi, site.LongitudeDeg+lon*180/math.Pi)
	return int(math.Round(r)), int(math.Round(c))
}

// agreement is of two fields where both have echo above 10 dBZ.
type agreement struct{ cells, off, x, y, xx, yy, xy float64 }

func (a *agreement) add(x, y float64) {
	if x > 10 && y > 10 {
		a.cells++
		a.off += x - y
		a.x, a.y, a.xx, a.yy, a.xy = a.x+x, a.y+y, a.xx+x*x, a.yy+y*y, a.xy+x*y
	}
}

func (a *agreement) correlation() float64 {
	x, y := a.x/a.cells, a.y/a.cells
	return (a.xy/a.cells - x*y) / math.Sqrt((a.xx/a.cells-x*x)*(a.yy/a.cells-y*y))
}

// compare adds a level of the reference, whose first row is the southernmost.
func (a *agreement) compare(got, want *grid.Field, d grid.Domain, site radar.Site) {
	for row := range want.Rows {
		for col := range want.Cols {
			r, c := onPlane(d, site, float64(col-want.Cols/2)*1000, float64(row-want.Rows/2)*1000)
			if r >= 0 && r < got.Rows && c >= 0 && c < got.Cols {
				a.add(float64(got.At(r, c)), float64(want.At(row, col)))
			}
		}
	}
}

// TestAgainstBarnes holds CAPPIs of a NEXRAD volume against those of another program, which weighs all gates around a
// cell by their distance in space.
func TestAgainstBarnes(t *testing.T) {
	racing.Skip(t, "the differences are numbers")
	scans := decoded(t, "nexrad", klbb)
	d := around(scans[0])
	rising := make([]float64, 36)
	for i := range rising {
		rising[i] = 500 * float64(i+1)
	}
	for name, c := range map[string]struct {
		levelsM []float64
		least   float64 // cells compared
	}{
		"cappi2km": {[]float64{2000}, 19_000},
		"vol36":    {rising, 240_000},
	} {
		f, err := ncfile.Read(realdata.Path(t, "data", "expected", "grid_KLBB20160601_"+name+"_barnes2.nc"), -1)
		if err != nil {
			t.Fatal(err)
		}
		levels, err := Levels(scans, d, scans[0].Start, DefaultConfig(), c.levelsM)
		if err != nil {
			t.Fatal(err)
		}
		var a agreement
		for i, level := range levels {
			var l agreement
			l.compare(level.DBZ, f.Grid.Leads[i].Field, d, scans[0].Site)
			t.Logf("%5.0f m: %6.0f cells, mean difference %5.2f dB, correlation %.3f", c.levelsM[i], l.cells, l.off/l.cells, l.correlation())
			a.compare(level.DBZ, f.Grid.Leads[i].Field, d, scans[0].Site)
		}
		t.Logf("%s: %.0f cells, mean difference %.3f dB, correlation %.4f", name, a.cells, a.off/a.cells, a.correlation())
		if !(math.Abs(a.off/a.cells) <= 0.5) || !(a.correlation() >= 0.95) || a.cells < c.least {
			t.Errorf("%s: %.0f cells differ by %.2f dB and correlate by %.3f; want %g cells or more, within 0.5 dB and at least 0.95",
				name, a.cells, a.off/a.cells, a.correlation(), c.least)
		}
	}
}

// TestNoHolesAtFarRange counts the cells that lie unobserved, or without echo, alone among neighbours that all have one.
func TestNoHolesAtFarRange(t *testing.T) {
	scans := decoded(t, "nexrad", klbb)
	d := around(scans[0])
	cfg := DefaultConfig()
	cfg.Heights = CAPPI
	m, err := Make(scans, d, scans[0].Start, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	unseen, holes, echo := 0, 0, 0
	for row := 1; row < d.Rows-1; row++ {
		for col := 1; col < d.Cols-1; col++ {
			v := m.DBZ.At(row, col)
			if v > grid.NoEchoDBZ {
				echo++
				continue
			}
			around, echoes := 0, 0
			for _, step := range [][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
				n := m.DBZ.At(row+step[0], col+step[1])
				if n == n {
					around++
				}
				if n > grid.NoEchoDBZ {
					echoes++
				}
			}
			if v != v && around == 4 {
				unseen++
			}
			if v == v && echoes == 4 {
				holes++
			}
		}
	}
	t.Logf("%d cells with echo, %d without one amid echoes, %d unobserved amid observed ones", echo, holes, unseen)
	if unseen != 0 || holes > echo/200 || echo < 20_000 {
		t.Errorf("%d unobserved cells and %d without echo amid %d with echo; want 0, and at most one in 200", unseen, holes, echo)
	}
}

// barnes gives the mean of all gates with an echo around a place, by its distance and direction from the radar and its
// height above: within a radius that grows with each gate's distance as a beam does and a little with its height, at
// least 500 m, weighed by exp(-4 d²/r²). Source: Barnes 1964, J. Appl. Meteor. 3, 396-409, as in Pauley and Wu 1990,
// Mon. Wea. Rev. 118, 1145-1164.
func barnes(sweeps []seen, east, north, aboveM float64) float64 {
	away, azimuth := math.Hypot(east, north), math.Atan2(east, north)*180/math.Pi
	widest := 1000 + aboveM/10 + 1.2*away*math.Tan(math.Pi/180)
	var sum, weights float64
	for _, s := range sweeps {
		z := s.sweep.Moment(radar.DBZH)
		slant := radar.SlantRangeM(away, s.sweep.ElevationDeg)
		first := int((slant - widest - z.Gates.CentreM(0)) / z.Gates.SpacingM)
		last := int((slant + widest - z.Gates.CentreM(0)) / z.Gates.SpacingM)
		for ray := range s.sweep.Rays {
			turn := math.Remainder(float64(s.sweep.Rays[ray].AzimuthDeg)-azimuth, 360) * math.Pi / 180
			if math.Abs(turn)*away > widest && away > widest {
				continue
			}
			sin, cos := math.Sincos(azimuth*math.Pi/180 + turn)
			for g := max(0, first); g <= min(last, z.Gates.Count-1); g++ {
				v := z.Ray(ray)[g]
				if radar.StatusOf(v) != radar.Valid {
					continue
				}
				rangeM := z.Gates.CentreM(g)
				height := radar.AboveRadarM(rangeM, s.sweep.ElevationDeg)
				ground := radar.EarthRadiusM * 4 / 3 * math.Asin(rangeM*math.Cos(s.sweep.ElevationDeg*math.Pi/180)/(radar.EarthRadiusM*4/3+height))
				x, y := ground*sin-east, ground*cos-north
				radius := math.Max(500, height/20+ground*math.Tan(math.Pi/180))
				if d2 := x*x + y*y + (height-aboveM)*(height-aboveM); d2 < radius*radius {
					w := math.Exp(-4*d2/(radius*radius)) + 1e-5
					sum, weights = sum+w*float64(v), weights+w
				}
			}
		}
	}
	if weights == 0 {
		return math.NaN()
	}
	return sum / weights
}

// TestBarnesIsTheDifference tells why single levels differ from the reference by up to 0.6 dB, and from 5 km up correlate
// by less than 0.95. The correlation is the reference's smoothing over a beam's width in all directions: the same weights on
// our gates correlate with it by 0.98 and more. They bring the difference to 0.2 to 0.4 dB, of which the cause is not known.
func TestBarnesIsTheDifference(t *testing.T) {
	racing.Skip(t, "the differences are numbers")
	scans := decoded(t, "nexrad", klbb)
	d := around(scans[0])
	f, err := ncfile.Read(realdata.Path(t, "data", "expected", "grid_KLBB20160601_vol36_barnes2.nc"), -1)
	if err != nil {
		t.Fatal(err)
	}
	all := sweepsOf(scans)
	for level := 6; level <= 13; level += 2 {
		levelM := 500 * float64(level+1)
		ours, err := Levels(scans, d, scans[0].Start, DefaultConfig(), []float64{levelM})
		if err != nil {
			t.Fatal(err)
		}
		want := f.Grid.Leads[level].Field
		var as, by agreement
		for row := 0; row < want.Rows; row += 9 {
			for col := 0; col < want.Cols; col += 9 {
				w := float64(want.At(row, col))
				east, north := float64(col-want.Cols/2)*1000, float64(row-want.Rows/2)*1000
				r, c := onPlane(d, scans[0].Site, east, north)
				if !(w > 10) || r < 0 || r >= d.Rows || c < 0 || c >= d.Cols {
					continue
				}
				if v := float64(ours[0].DBZ.At(r, c)); v > 10 {
					as.add(v, w)
					by.add(barnes(all, east, north, levelM), w)
				}
			}
		}
		t.Logf("%5.0f m: %5.0f cells; ours %5.2f dB and %.3f, Barnes of our gates %5.2f dB and %.3f",
			levelM, as.cells, as.off/as.cells, as.correlation(), by.off/by.cells, by.correlation())
		if by.cells < 100 || !(by.correlation() >= 0.97) || !(by.correlation() >= as.correlation()) || !(math.Abs(by.off/by.cells) <= 0.6) {
			t.Errorf("%g m: Barnes of our gates differs by %.2f dB and correlates by %.3f, want within 0.6 dB and 0.97 or more",
				levelM, by.off/by.cells, by.correlation())
		}
	}
}
