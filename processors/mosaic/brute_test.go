package mosaic

import (
	"math"
	"sync/atomic"
	"testing"

	"bowecho/internal/grid"
	"bowecho/internal/racing"
	"bowecho/internal/radar"
	"bowecho/internal/vincenty"
)

// The mosaic by its definition, in float64, without tables: distances and directions by Vincenty's formulas, the beam by
// its own, and every gate that reaches into a window by its exact share.

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
	racing.Skip(t, "the numbers do not depend on it, and mosaics are made in others")
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
		groundM, azimuthDeg := vincenty.Inverse(s.site.LongitudeDeg, s.site.LatitudeDeg, lon, lat)
		azimuthDeg = math.Mod(azimuthDeg+360, 360)
		value, close := bruteValue(s.look(azimuthDeg, groundM))
		tie = tie || close
		if value > highest || highest != highest {
			highest = value
		}
	}
	return highest, tie
}
