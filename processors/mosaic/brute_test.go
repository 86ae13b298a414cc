package mosaic

import (
	"math"
	"sync/atomic"
	"testing"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

// The mosaic by its definition, in float64, without tables: distances and directions by Vincenty's formulas, the beam by
// its own, and every gate that reaches into a window by its exact share.

// vincenty gives distance and direction on WGS84. Source: Vincenty 1975, Survey Review 23, 88-93, inverse formula.
func vincenty(lat1, lon1, lat2, lon2 float64) (metres, azimuthDeg float64) {
	const a, f = 6378137.0, 1 / 298.257223563
	const b = a * (1 - f)
	rad := math.Pi / 180
	u1, u2, l := math.Atan((1-f)*math.Tan(lat1*rad)), math.Atan((1-f)*math.Tan(lat2*rad)), (lon2-lon1)*rad
	su1, cu1 := math.Sincos(u1)
	su2, cu2 := math.Sincos(u2)
	lambda := l
	for range 100 {
		sl, cl := math.Sincos(lambda)
		ss := math.Hypot(cu2*sl, cu1*su2-su1*cu2*cl)
		if ss == 0 {
			return 0, 0
		}
		cs := su1*su2 + cu1*cu2*cl
		sigma := math.Atan2(ss, cs)
		sa := cu1 * cu2 * sl / ss
		ca2 := 1 - sa*sa
		cm := 0.0
		if ca2 != 0 {
			cm = cs - 2*su1*su2/ca2
		}
		c := f / 16 * ca2 * (4 + f*(4-3*ca2))
		before := lambda
		lambda = l + (1-c)*f*sa*(sigma+c*ss*(cm+c*cs*(2*cm*cm-1)))
		if math.Abs(lambda-before) > 1e-12 {
			continue
		}
		k := ca2 * (a*a - b*b) / (b * b)
		big := 1 + k/16384*(4096+k*(-768+k*(320-175*k)))
		small := k / 1024 * (256 + k*(-128+k*(74-47*k)))
		d := small * ss * (cm + small/4*(cs*(2*cm*cm-1)-small/6*cm*(4*ss*ss-3)*(4*cm*cm-3)))
		return b * big * (sigma - d), math.Mod(math.Atan2(cu2*sl, cu1*su2-su1*cu2*cl)/rad+360, 360)
	}
	return math.NaN(), math.NaN()
}

// bruteSweep is a sweep with the sector of each of its rays.
type bruteSweep struct {
	seen
	begin, end []float64
	halfDeg    float64
	cellM      float64
}

func newBruteSweep(s seen, cellM float64) *bruteSweep {
	b := &bruteSweep{seen: s, cellM: cellM}
	b.halfDeg = usualSpacingDeg(sorted(s.sweep.Rays)) / 2
	for i, ray := range s.sweep.Rays {
		left, right := 360.0, 360.0
		for j, other := range s.sweep.Rays {
			turn := math.Mod(float64(other.AzimuthDeg)-float64(ray.AzimuthDeg)+720, 360)
			switch {
			case j == i:
			case turn == 0 && j > i:
				right = 0
			case turn == 0:
				left = 0
			default:
				left, right = min(left, 360-turn), min(right, turn)
			}
		}
		az := math.Mod(float64(ray.AzimuthDeg)+720, 360)
		b.begin = append(b.begin, az-min(left/2, 3*b.halfDeg/2))
		b.end = append(b.end, az+min(right/2, 3*b.halfDeg/2))
	}
	return b
}

// look gives the shares of the window around a place.
func (b *bruteSweep) look(azimuthDeg, groundM float64) (seen, echo, dBZ float64) {
	z := b.sweep.Moment(radar.DBZH)
	long := math.Max(1, math.Round(b.cellM/z.Gates.SpacingM)) * z.Gates.SpacingM
	slant := radar.SlantRangeM(groundM, b.sweep.ElevationDeg)
	half := math.Max(b.halfDeg, math.Min(1, b.cellM/2/groundM)*180/math.Pi)
	firstM := z.Gates.CentreM(0) - z.Gates.SpacingM/2
	from := max(0, int((slant-long/2-firstM)/z.Gates.SpacingM)-1)
	to := min(z.Gates.Count-1, int((slant+long/2-firstM)/z.Gates.SpacingM)+1)
	for ray := range b.sweep.Rays {
		if away := math.Abs(azimuthDeg - (b.begin[ray]+b.end[ray])/2); min(away, 360-away) > half+5 {
			continue
		}
		wide := 0.0
		for _, turn := range []float64{-360, 0, 360} {
			wide += math.Max(0, math.Min(azimuthDeg+half, b.end[ray]+turn)-math.Max(azimuthDeg-half, b.begin[ray]+turn))
		}
		if wide <= 0 {
			continue
		}
		for gate := from; gate <= to; gate++ {
			begins := firstM + float64(gate)*z.Gates.SpacingM
			deep := math.Min(slant+long/2, begins+z.Gates.SpacingM) - math.Max(slant-long/2, begins)
			share := math.Max(0, deep) * wide / (2 * half * long)
			switch v := z.Ray(ray)[gate]; radar.StatusOf(v) {
			case radar.Valid:
				seen, echo, dBZ = seen+share, echo+share, dBZ+share*float64(v)
			case radar.BelowThreshold:
				seen += share
			}
		}
	}
	return seen, echo, dBZ
}

// bruteValue gives a value, and whether it hangs on a tie: a share so near to a half that rounding decides.
func bruteValue(seen, echo, dBZ float64) (value float64, tie bool) {
	const close = 1e-3
	tie = math.Abs(seen-0.5) < close || math.Abs(echo-seen/2) < close
	switch {
	case seen < 0.5:
		return math.NaN(), tie
	case echo < seen/2:
		return grid.NoEchoDBZ, tie
	}
	return dBZ / echo, tie
}

// TestAgainstBruteForce holds the highest of three CASA radars in every cell within 0.1 dB of the definition's.
func TestAgainstBruteForce(t *testing.T) {
	scans := decoded(t, "casa-20170329", casaMinute...)
	m, err := Make(scans, dfw, scans[0].Start, DefaultConfig(), nil)
	if err != nil {
		t.Fatal(err)
	}
	cellM := dfw.LatSpacingDeg * math.Pi / 180 * newSurface(addison.LatitudeDeg).radiusM
	var sweeps []*bruteSweep
	for _, s := range newest(sweepsOf(scans), 0) {
		sweeps = append(sweeps, newBruteSweep(s, cellM))
	}
	var ties, off, observed, echo atomic.Int32
	grid.Bands(dfw.Rows, func(from, to int) {
		for row := from; row < to; row++ {
			for col := range dfw.Cols {
				want, tie := bruteHighest(sweeps, row, col)
				got := float64(m.DBZ.At(row, col))
				if want == want {
					observed.Add(1)
				}
				if want > grid.NoEchoDBZ {
					echo.Add(1)
				}
				if (got == got) == (want == want) && !(math.Abs(got-want) > 0.1) {
					continue
				}
				if tie {
					ties.Add(1)
				} else if off.Add(1) < 10 {
					t.Errorf("row %d column %d: %g dBZ, want %g", row, col, got, want)
				}
			}
		}
	})
	t.Logf("%d cells observed, %d of them echo; %d differ by a tie", observed.Load(), echo.Load(), ties.Load())
	if off.Load() > 0 || observed.Load() < 200_000 || echo.Load() < 20_000 || ties.Load() > observed.Load()/10_000 {
		t.Errorf("%d cells are off and %d of %d differ by a tie, want none and at most one in 10,000", off.Load(), ties.Load(), observed.Load())
	}
}

func bruteHighest(sweeps []*bruteSweep, row, col int) (highest float64, tie bool) {
	highest = math.NaN()
	lat, lon := dfw.Position(float64(row), float64(col))
	for _, s := range sweeps {
		if math.Hypot((lat-s.site.LatitudeDeg)*111e3, (lon-s.site.LongitudeDeg)*94e3) > 62e3 {
			continue
		}
		groundM, azimuthDeg := vincenty(s.site.LatitudeDeg, s.site.LongitudeDeg, lat, lon)
		value, close := bruteValue(s.look(azimuthDeg, groundM))
		tie = tie || close
		if value > highest || highest != highest {
			highest = value
		}
	}
	return highest, tie
}
