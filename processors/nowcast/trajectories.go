package nowcast

import (
	"math"

	"bowecho/internal/grid"
	"bowecho/processors/motion"
)

const (
	blockCells  = 8       // trajectories are followed at the corners of blocks this wide, as motion is smoother than that
	stepMin     = 1       // and in steps of at most this many minutes
	mostLeadMin = 24 * 60 // beyond a day a lead time is surely a slip of units
)

// trajectories tells for the corners of blocks how far, in cells, what arrives there at the lead time has come.
type trajectories struct {
	motion     *motion.Field
	rows, cols int // corners
	dx, dy     []float32
	leadMin    float64
}

func newTrajectories(m *motion.Field) *trajectories {
	rows, cols := (m.Rows-1)/blockCells+2, (m.Cols-1)/blockCells+2
	return &trajectories{motion: m, rows: rows, cols: cols, dx: make([]float32, rows*cols), dy: make([]float32, rows*cols)}
}

// advance follows the trajectories further back, to a later lead time.
func (t *trajectories) advance(leadMin float64) {
	steps := int(math.Ceil((leadMin - t.leadMin) / stepMin))
	step := float32((leadMin - t.leadMin) / float64(max(steps, 1)))
	t.leadMin = leadMin
	grid.Bands(t.rows, func(from, to int) {
		for i := from * t.cols; i < to*t.cols; i++ {
			x, y := float32(i%t.cols*blockCells), float32(i/t.cols*blockCells)
			for range steps {
				u, v := t.at(x-t.dx[i], y-t.dy[i])
				u, v = t.at(x-t.dx[i]-u*step/2, y-t.dy[i]-v*step/2)
				t.dx[i] += u * step
				t.dy[i] += v * step
			}
		}
	})
}

// at interpolates the motion; beyond the edge it is that of the edge.
func (t *trajectories) at(x, y float32) (u, v float32) {
	m := t.motion
	if !(x >= 0 && y >= 0 && x <= float32(m.Cols-1) && y <= float32(m.Rows-1)) {
		x, y = min(max(x, 0), float32(m.Cols-1)), min(max(y, 0), float32(m.Rows-1))
	}
	x0, y0 := int(x), int(y)
	fx, fy := x-float32(x0), y-float32(y0)
	a := y0*m.Cols + x0
	b, down := a+min(1, m.Cols-1-x0), m.Cols*min(1, m.Rows-1-y0)
	u = mix(mix(m.U[a], m.U[b], fx), mix(m.U[a+down], m.U[b+down], fx), fy)
	v = mix(mix(m.V[a], m.V[b], fx), mix(m.V[a+down], m.V[b+down], fx), fy)
	return u, v
}

// patch gives where the block between four corners comes from.
func (t *trajectories) patch(row, col int) patch {
	return patch{t.line(row, col), t.line(row+1, col)}
}

// line gives where the cells from a corner to the next come from.
func (t *trajectories) line(row, col int) origins {
	i := row*t.cols + col
	x, y := float32(col*blockCells)-t.dx[i], float32(row*blockCells)-t.dy[i]
	return origins{x, y, 1 - (t.dx[i+1]-t.dx[i])/blockCells, -(t.dy[i+1] - t.dy[i]) / blockCells}
}
