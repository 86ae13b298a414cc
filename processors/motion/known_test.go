package motion

import (
	"math"
	"testing"

	"bowecho/internal/grid"
)

// texture is rain of several sizes on a plane without end, so that motion can be seen everywhere.
func texture(x, y float64) float64 {
	return 25 + 10*math.Sin(x/11+math.Sin(y/31))*math.Cos(y/13) + 8*math.Sin((x+2*y)/23) + 6*math.Cos(x/7-y/9) + 6*math.Sin(y/17-x/29)
}

// carried is the texture as a velocity that is linear in space has carried it since minute 0: what is at a place came from
// where the path back leads, followed in short steps.
func carried(rows, cols int, minute float64, velocity func(x, y float64) (u, v float64)) *grid.Field {
	f := grid.NewField(rows, cols)
	steps := int(math.Ceil(math.Abs(minute) * 4))
	for i := range f.Values {
		x, y := float64(i%cols), float64(i/cols)
		for range steps {
			h := minute / float64(steps)
			u, v := velocity(x, y)
			u, v = velocity(x-u*h/2, y-v*h/2)
			x, y = x-u*h, y-v*h
		}
		f.Values[i] = float32(texture(x, y))
	}
	return f
}

func TestKnownMotionIsRecovered(t *testing.T) {
	const side, middle, margin = 240, 120.0, 48 // nearer to the edge the window sees one side only
	velocities := map[string]func(x, y float64) (u, v float64){
		"uniform":     func(x, y float64) (u, v float64) { return 1.7, -0.9 },
		"rotation":    func(x, y float64) (u, v float64) { return -0.02 * (y - middle), 0.02 * (x - middle) },
		"deformation": func(x, y float64) (u, v float64) { return 0.015 * (x - middle), -0.015 * (y - middle) },
		"shear":       func(x, y float64) (u, v float64) { return 1 + 0.02*(y-middle), 0.5 },
		"divergence":  func(x, y float64) (u, v float64) { return 0.01 * (x - middle), 0.01 * (y - middle) },
	}
	for name, velocity := range velocities {
		for _, minutes := range [][]float64{eachMinute, {0, 2, 4, 6, 8, 10}, {0, 5, 10}} {
			var frames []*grid.Field
			for _, m := range minutes {
				frames = append(frames, carried(side, side, m-minutes[len(minutes)-1], velocity))
			}
			m := estimated(t, frames, minutes)
			step := minutes[1] - minutes[0]
			var square, worst float64
			cells := 0
			for i := range m.U {
				if r, c := i/side, i%side; min(r, c, side-1-r, side-1-c) < margin {
					continue
				}
				if q := m.Quality[i]; q < 0.5 || q > 1 {
					t.Fatalf("%s, every %g minutes: quality of %g in cell %d, want 0.5 to 1 in the midst of echo", name, step, q, i)
				}
				u, v := velocity(float64(i%side), float64(i/side))
				wrong := step * math.Hypot(float64(m.U[i])-u, float64(m.V[i])-v)
				square += wrong * wrong
				worst = max(worst, wrong)
				cells++
			}
			const most = 0.25
			if rms := math.Sqrt(square / float64(cells)); worst > most || rms > 0.1 {
				t.Errorf("%s, every %g minutes: wrong by %.3f cells a step, at worst by %.3f, want %g", name, step, rms, worst, most)
			}
		}
	}
}
