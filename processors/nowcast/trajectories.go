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
	rows, cols int // corners
	motion     []velocity
	dx, dy     []float32
	leadMin    float64
}

// velocity is cells a minute.
type velocity struct{ u, v float32 }

func newTrajectories(m *motion.Field) *trajectories {
	rows, cols := (m.Rows-1)/blockCells+2, (m.Cols-1)/blockCells+2
	t := &trajectories{rows, cols, make([]velocity, rows*cols), make([]float32, rows*cols), make([]float32, rows*cols), 0}
	for i := range t.motion {
		row, col := min(i/cols*blockCells, m.Rows-1), min(i%cols*blockCells, m.Cols-1)
		t.motion[i] = velocity{m.U[row*m.Cols+col], m.V[row*m.Cols+col]}
	}
	return t
}

// advance follows the trajectories further back, to a later lead time.
func (t *trajectories) advance(leadMin float64) {
	steps := int(math.Ceil((leadMin - t.leadMin) / stepMin))
	step := float32((leadMin - t.leadMin) / float64(max(steps, 1)))
	t.leadMin = leadMin
	grid.Bands(t.rows, func(from, to int) {
		for row := from; row < to; row++ {
			for col := range t.cols {
				t.follow(row, col, steps, step)
			}
		}
	})
}

// follow goes so many steps further back, each of so many minutes.
func (t *trajectories) follow(row, col, steps int, step float32) {
	x, y, i := float32(col*blockCells), float32(row*blockCells), row*t.cols+col
	for range steps {
		is := t.at(x-t.dx[i], y-t.dy[i])
		is = t.at(x-t.dx[i]-is.u*step/2, y-t.dy[i]-is.v*step/2)
		t.dx[i] += is.u * step
		t.dy[i] += is.v * step
	}
}

// at interpolates the motion between corners; beyond the edge it is that of the edge.
func (t *trajectories) at(x, y float32) velocity {
	x, y = x/blockCells, y/blockCells
	if !(x >= 0 && y >= 0 && x <= float32(t.cols-1) && y <= float32(t.rows-1)) {
		x, y = min(max(x, 0), float32(t.cols-1)), min(max(y, 0), float32(t.rows-1))
	}
	col, row := min(int(x), t.cols-2), min(int(y), t.rows-2)
	fx, fy := x-float32(col), y-float32(row)
	above, below := t.motion[row*t.cols+col:][:2], t.motion[(row+1)*t.cols+col:][:2]
	return velocity{
		mix(mix(above[0].u, above[1].u, fx), mix(below[0].u, below[1].u, fx), fy),
		mix(mix(above[0].v, above[1].v, fx), mix(below[0].v, below[1].v, fx), fy),
	}
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
