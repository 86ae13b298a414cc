package simulated

import (
	"math"
	"time"

	"bowecho/internal/grid"
)

// Storm is the truth that radars look at: rounds of cells that are born, grow, split, move with a sheared flow and
// decay, each round followed by clear air. It is the same for the same seed.
type Storm struct{ cfg Config }

// NewStorm gives the storm of a config.
func NewStorm(cfg Config) *Storm { return &Storm{cfg} }

// The flow in m/s: what carries the cells to the east and north at the centre, how it grows over a kilometre to the
// north, and how much faster than the cells the air moves for each kilometre above the height that steers them.
const (
	flowEast     = 15.0
	flowNorth    = 6.0
	shearPerKM   = 0.03
	shearUpPerKM = 2.5
	steeringAtKM = 2.0
	leanKMPerKM  = 0.5 // how far cells lean over, downstream
)

const (
	meltingAtKM   = 4.2
	iceLossDBAKM  = 3.5 // reflectivity falls so fast above the melting layer
	textureDB     = 8.0 // how much the texture adds or takes at most
	mergeWithinDB = 8.0 // echoes that differ by less join softly
)

// downstream is the direction in which the flow carries cells.
var downstreamX, downstreamY = flowEast / math.Hypot(flowEast, flowNorth), flowNorth / math.Hypot(flowEast, flowNorth)

// Flow gives the steering motion in m/s at a distance north of the centre in kilometres.
func Flow(northKM float64) (east, north float64) { return flowEast + shearPerKM*northKM, flowNorth }

// air gives the motion of the air in m/s. In strong echo the downdraught brings faster air down and forward.
func air(northKM, heightKM, dBZ float64) (east, north float64) {
	east, north = Flow(northKM)
	faster := shearUpPerKM*(heightKM-steeringAtKM) + max(0, 0.9*(dBZ-42))
	return east + faster*downstreamX, north + faster*downstreamY
}

// scene is the storm at one time. The flow has carried its texture from where it was at the start.
type scene struct {
	noise              noise
	carriedX, carriedY float64 // km, to the east and to the north
	cells              []alive
}

// at gives the storm at a time.
func (s *Storm) at(t time.Time) *scene {
	since := t.Sub(s.cfg.Start)
	now := &scene{noise: noise(s.cfg.Seed), carriedX: flowEast * since.Seconds() / 1000, carriedY: flowNorth * since.Seconds() / 1000}
	number := int64(math.Floor(since.Seconds() / round.Seconds()))
	for n := number; n <= number+1; n++ { // some cells are born ahead of their round
		phase := since - time.Duration(n)*round
		for _, c := range s.born(n) {
			if a, living := c.after(phase - c.born); living {
				now.cells = append(now.cells, a)
			}
		}
	}
	return now
}

// reflectivity gives the dBZ that some of the cells make at a place and a height, kilometres all; below 0 is none.
func (now *scene) reflectivity(cells []*alive, x, y, heightKM float64) float64 {
	const none = -40.0
	x -= leanKMPerKM * (heightKM - steeringAtKM) // every layer is the one below it, farther downstream
	fixedX, fixedY := x-now.carriedX, y-now.carriedY
	best, pushed := none, false
	var push warp
	for _, c := range cells {
		dx, dy := x-c.x, y-c.y
		if dx*dx+dy*dy > c.reachKM*c.reachKM {
			continue
		}
		if !pushed {
			push, pushed = now.noise.warp(fixedX, fixedY), true
		}
		best = join(best, c.reflectivity(dx, dy, &push))
	}
	if best < -textureDB {
		return none
	}
	best += textureDB * now.noise.texture(fixedX, fixedY)
	if heightKM > meltingAtKM {
		best -= iceLossDBAKM * (heightKM - meltingAtKM)
	}
	return best
}

// join gives the greater of two, and a little more where they are alike, so that no seam shows between echoes.
func join(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	near := mergeWithinDB - (a - b)
	if near <= 0 {
		return a
	}
	return a + near*near/(4*mergeWithinDB)
}

// Field gives the true reflectivity on a domain at a time, at a height above sea level.
func (s *Storm) Field(d grid.Domain, t time.Time, aboveSeaM float64) *grid.Field {
	f := &grid.Field{Rows: d.Rows, Cols: d.Cols, Values: make([]float32, d.Rows*d.Cols)}
	now := s.at(t)
	cells := make([]*alive, len(now.cells))
	for i := range now.cells {
		cells[i] = &now.cells[i]
	}
	grid.Bands(d.Rows, func(from, to int) {
		for row := from; row < to; row++ {
			for col := range d.Cols {
				lat, lon := d.Position(float64(row), float64(col))
				x, y := s.cfg.kilometres(lat, lon)
				f.Values[row*d.Cols+col] = grid.NoEchoDBZ
				if z := now.reflectivity(cells, x, y, aboveSeaM/1000); z > 0 {
					f.Values[row*d.Cols+col] = float32(z)
				}
			}
		}
	})
	return f
}
