package mosaic

import (
	"math"
	"testing"
	"time"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

var (
	addison = radar.Site{Name: "addison.tx", LatitudeDeg: 32.9814, LongitudeDeg: -96.8391, HeightM: 210}
	dfw     = grid.Centred("dfw", 32.65, -97, 1121, 1121, 250)
)

// sweep gives a scan of 360 rays × 600 gates of 100 m, empty but where echo says.
func sweep(site radar.Site, elevationDeg float64, echo func(azimuth, gate int) float32) *radar.Scan {
	const rays, gates = 360, 600
	z := radar.Moment{Name: radar.DBZH, Gates: radar.Gates{Count: gates, OffsetM: 50, SpacingM: 100}, Values: make([]float32, rays*gates)}
	s := radar.Sweep{ElevationDeg: elevationDeg}
	for r := range rays {
		s.Rays = append(s.Rays, radar.Ray{AzimuthDeg: float32(r) + 0.5, ElevationDeg: float32(elevationDeg)})
		for g := range gates {
			z.Values[r*gates+g] = echo(r, g)
		}
	}
	s.Moments = []radar.Moment{z}
	return &radar.Scan{Site: site, Sweeps: []radar.Sweep{s}}
}

// spot is an echo of three rays × nine gates around one.
func spot(azimuth, gate int, dbz float32) func(int, int) float32 {
	return func(a, g int) float32 {
		if max(a-azimuth, azimuth-a) <= 1 && max(g-gate, gate-g) <= 4 {
			return dbz
		}
		return radar.BelowThresholdValue
	}
}

func empty(int, int) float32 { return radar.BelowThresholdValue }

func merge(t *testing.T, scans ...*radar.Scan) (*grid.Field, []string) {
	t.Helper()
	m, err := Make(scans, dfw, time.Time{}, DefaultConfig(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m.DBZ, m.Names()
}

// centroid gives the mean position of the cells at or above a value, and how many there are.
func centroid(f *grid.Field, atLeast float32) (lat, lon float64, n int) {
	for row := range f.Rows {
		for col, v := range f.Row(row) {
			if v >= atLeast {
				a, o := dfw.Position(float64(row), float64(col))
				lat, lon, n = lat+a, lon+o, n+1
			}
		}
	}
	return lat / float64(n), lon / float64(n), n
}

func TestAGateLandsWhereItIs(t *testing.T) {
	// Places 40.05 km along the beam at 2°, 40.019 km along the ground, by Vincenty's formula on WGS84 from Addison.
	for name, c := range map[string]struct {
		azimuth  int
		lat, lon float64
	}{
		"north east": {44, 33.238402, -96.538144},
		"south west": {224, 32.723666, -97.138315},
	} {
		f, _ := merge(t, sweep(addison, 2, spot(c.azimuth, 400, 50)))
		lat, lon, n := centroid(f, 50)
		north, east := (lat-c.lat)*110.9e3, (lon-c.lon)*93.4e3
		if n == 0 || math.Hypot(north, east) > 150 {
			t.Errorf("%s: %d cells around %.5f, %.5f: %.0f m off", name, n, lat, lon, math.Hypot(north, east))
		}
	}
}

func TestWhatIsSeen(t *testing.T) {
	f, radars := merge(t, sweep(addison, 2, empty))
	if len(radars) != 1 || radars[0] != "addison.tx" {
		t.Errorf("radars %v", radars)
	}
	for _, km := range []float64{1, 20, 59, 61} {
		row, col := dfw.Cell(addison.LatitudeDeg-km/110.9, addison.LongitudeDeg)
		v := f.At(int(math.Round(row)), int(math.Round(col)))
		if km < 60 && v != grid.NoEchoDBZ || km > 60 && v == v {
			t.Errorf("%g km south: %g, want no echo within 60 km and nothing beyond", km, v)
		}
	}
	north := radar.Site{Name: "north", LatitudeDeg: 40, LongitudeDeg: -97}
	if f, radars := merge(t, sweep(north, 2, empty)); len(radars) != 0 || f.At(0, 0) == f.At(0, 0) {
		t.Errorf("a radar far away is among %v", radars)
	}
}

func TestAMissingSectorIsNotClear(t *testing.T) {
	scan := sweep(addison, 2, empty)
	s := &scan.Sweeps[0]
	z := &s.Moments[0]
	s.Rays = append(s.Rays[:90:90], s.Rays[110:]...)
	z.Values = append(z.Values[:90*600:90*600], z.Values[110*600:]...)
	f, _ := merge(t, scan)
	for azimuth, want := range map[float64]bool{80: true, 95: false, 105: false, 120: true} {
		sin, cos := math.Sincos(azimuth * math.Pi / 180)
		row, col := dfw.Cell(addison.LatitudeDeg+30*cos/110.9, addison.LongitudeDeg+30*sin/93.4)
		v := f.At(int(math.Round(row)), int(math.Round(col)))
		if (v == v) != want {
			t.Errorf("azimuth %g: observed is %v, want %v", azimuth, v == v, want)
		}
	}
}

func TestHighestAndNewestWin(t *testing.T) {
	other := addison
	other.Name, other.LatitudeDeg = "other.tx", addison.LatitudeDeg+0.2
	low := func(dbz float32) func(int, int) float32 { return func(int, int) float32 { return dbz } }
	row, col := dfw.Cell(addison.LatitudeDeg+0.1, addison.LongitudeDeg)
	at := func(f *grid.Field) float32 { return f.At(int(row), int(col)) }
	if f, radars := merge(t, sweep(addison, 2, low(30)), sweep(other, 2, low(40))); at(f) != 40 || len(radars) != 2 {
		t.Errorf("two radars: %g of %v, want the higher of both", at(f), radars)
	}
	if f, _ := merge(t, sweep(addison, 2, low(50)), sweep(addison, 2.1, low(30))); at(f) != 30 {
		t.Errorf("the same sweep again: %g, want the newest", at(f))
	}
	if f, _ := merge(t, sweep(addison, 4, low(50)), sweep(addison, 2, low(30))); at(f) != 50 {
		t.Errorf("two elevations: %g, want the higher", at(f))
	}
}

// TestADopplerHalfDoesNotReplaceTheFirstLook holds it for a split cut, and not for the next volume.
func TestADopplerHalfDoesNotReplaceTheFirstLook(t *testing.T) {
	began := time.Date(2019, 6, 9, 22, 25, 0, 0, time.UTC)
	look := func(dbz float32, gates int, after time.Duration) *radar.Scan {
		scan := sweep(addison, 0.5, func(int, int) float32 { return dbz })
		scan.Sweeps[0].Start = began.Add(after)
		z := &scan.Sweeps[0].Moments[0]
		z.Gates.Count, z.Values = gates, z.Values[:len(scan.Sweeps[0].Rays)*gates]
		return scan
	}
	row, col := dfw.Cell(addison.LatitudeDeg+0.1, addison.LongitudeDeg)
	for after, want := range map[time.Duration]float32{20 * time.Second: 30, 5 * time.Minute: 40} {
		if f, _ := merge(t, look(30, 600, 0), look(40, 400, after)); f.At(int(row), int(col)) != want {
			t.Errorf("%v later: %g dBZ, want %g", after, f.At(int(row), int(col)), want)
		}
	}
}

func TestBeamsTooHighSayNothing(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxAboveRadarM = 3000
	m, err := Make([]*radar.Scan{sweep(addison, 10, empty)}, dfw, time.Time{}, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := m.DBZ
	for km, want := range map[float64]bool{15: true, 20: false} { // 10° reaches 3 km at 17 km
		row, col := dfw.Cell(addison.LatitudeDeg-km/110.9, addison.LongitudeDeg)
		if v := f.At(int(row), int(col)); (v == v) != want {
			t.Errorf("%g km: observed is %v, want %v", km, v == v, want)
		}
	}
}

func TestVerticalCutsAreNotLaidOut(t *testing.T) {
	cut := sweep(addison, 2, spot(90, 100, 50))
	cut.Sweeps[0].Vertical = true
	f, _ := merge(t, sweep(addison, 2, empty), cut)
	if _, _, n := centroid(f, 40); n != 0 {
		t.Errorf("%d cells of a vertical cut on the map", n)
	}
}

func TestNoHolesBetweenRays(t *testing.T) {
	f, _ := merge(t, sweep(addison, 2, func(int, int) float32 { return 35 }))
	inside, holes := 0, 0
	for row := range f.Rows {
		for col := range f.Cols {
			lat, lon := dfw.Position(float64(row), float64(col))
			if math.Hypot((lat-addison.LatitudeDeg)*110.9, (lon-addison.LongitudeDeg)*93.4) < 59 {
				inside++
				if f.At(row, col) != 35 {
					holes++
				}
			}
		}
	}
	if holes != 0 || inside < 170_000 {
		t.Errorf("%d holes of %d cells", holes, inside)
	}
}
