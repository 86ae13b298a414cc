package simulated

import (
	"math"
	"math/rand/v2"
	"time"

	"bowecho/internal/grid"
)

// Storm is the truth that radars look at: rounds of cells that are born, grow, split, move with a sheared flow and
// decay, each round followed by clear air. It is the same for the same seed.
type Storm struct {
	cfg   Config
	cells []cell
	noise noise
}

// A round lasts so long. In its first part cells are born, and all are over before the air is clear for twenty minutes.
const (
	round       = 80 * time.Minute
	birthsUntil = 16 * time.Minute
	allOver     = 38 * time.Minute
)

// The flow in m/s: to the east and north at the centre, and how it changes over a kilometre to the north.
const (
	flowEast       = 15.0
	flowNorth      = 6.0
	shearPerKM     = 0.03
	splitDeviation = 4.0 // of a right or left mover, across the flow
)

// cell is one rising and falling core of rain. Positions are in kilometres east and north of the centre.
type cell struct {
	born, life   time.Duration // since the start of its round
	x, y         float64       // at birth
	east, north  float64       // m/s
	peakDBZ      float64
	radiusKM     float64
	stretch, sin float64 // of an ellipse: how much longer than wide, and which way
	cos          float64
}

// NewStorm gives the storm of a config.
func NewStorm(cfg Config) *Storm {
	s := &Storm{cfg: cfg, noise: noise(cfg.Seed)}
	random := rand.New(rand.NewPCG(cfg.Seed, 0xB0))
	s.line(random)
	for range 16 { // scattered cells around the line
		s.add(random, cell{
			born: time.Duration(random.Float64() * float64(birthsUntil)),
			x:    -60 + 95*random.Float64(), y: -45 + 90*random.Float64(),
			peakDBZ: 38 + 20*random.Float64(), radiusKM: 2.5 + 3*random.Float64(),
		})
	}
	return s
}

// line adds a squall line that is mature when the round begins, and the steady rain behind it.
func (s *Storm) line(random *rand.Rand) {
	for i := range 9 {
		y := -44 + 11*float64(i) + 3*random.NormFloat64()
		bow := 10 * math.Cos(y/45) // it bows forward in the middle
		s.add(random, cell{
			born: -12*time.Minute + time.Duration(random.Float64()*8)*time.Minute,
			x:    -52 + bow + 2*random.NormFloat64(), y: y,
			peakDBZ: 50 + 9*random.Float64(), radiusKM: 4 + 2*random.Float64(),
		})
	}
	for i := range 4 {
		s.cells = append(s.cells, cell{
			born: -20 * time.Minute, life: allOver + 18*time.Minute, x: -75, y: -36 + 24*float64(i), east: flowEast, north: flowNorth,
			peakDBZ: 29, radiusKM: 15, stretch: 1, cos: 1,
		})
	}
}

// add gives a cell the life, shape and motion that it draws. Strong cells split at half their life.
func (s *Storm) add(random *rand.Rand, c cell) {
	c.life = min(time.Duration(20+18*random.Float64())*time.Minute, allOver-c.born)
	angle := math.Pi * random.Float64()
	c.stretch, c.sin, c.cos = 1+0.9*random.Float64(), math.Sin(angle), math.Cos(angle)
	c.east, c.north = flowEast+shearPerKM*c.y, flowNorth
	s.cells = append(s.cells, c)
	if c.peakDBZ < 54 {
		return
	}
	half := c.life / 2
	speed := math.Hypot(c.east, c.north)
	for _, side := range []float64{-1, 1} {
		mover := c
		mover.born, mover.life = c.born+half, min(c.life, allOver-c.born-half)
		mover.x += c.east * half.Seconds() / 1000
		mover.y += c.north * half.Seconds() / 1000
		mover.east += side * splitDeviation * c.north / speed
		mover.north -= side * splitDeviation * c.east / speed
		mover.peakDBZ, mover.radiusKM = c.peakDBZ-3, 0.8*c.radiusKM
		s.cells = append(s.cells, mover)
	}
}

// alive is a cell at one moment.
type alive struct {
	*cell
	x, y, dBZ float64
}

// at gives the cells of a time, and how long it is since the start.
func (s *Storm) at(t time.Time) (cells []alive, since time.Duration) {
	since = t.Sub(s.cfg.Start)
	phase := since % round
	for i := range s.cells {
		c := &s.cells[i]
		// Of this round, or born ahead of the next.
		for _, age := range [...]time.Duration{phase - c.born, phase - c.born - round} {
			if age < 0 || age >= c.life {
				continue
			}
			grown := math.Sin(math.Pi * math.Pow(age.Seconds()/c.life.Seconds(), 0.7)) // up faster than down
			if dBZ := c.peakDBZ*math.Pow(grown, 0.35) - 6; dBZ > 0 {
				cells = append(cells, alive{c, c.x + c.east*age.Seconds()/1000, c.y + c.north*age.Seconds()/1000, dBZ})
			}
			break
		}
	}
	return cells, since
}

// reflectivity gives the dBZ of the given cells at a place and a height, kilometres all; below 0 is none.
func (s *Storm) reflectivity(cells []alive, x, y, heightKM float64) float64 {
	best := -40.0
	var mover *alive
	for i := range cells {
		c := &cells[i]
		dx, dy := x-c.x, y-c.y
		if math.Abs(dx)+math.Abs(dy) > 4*c.radiusKM*c.stretch {
			continue
		}
		along, across := (dx*c.cos+dy*c.sin)/c.stretch, dy*c.cos-dx*c.sin
		if z := c.dBZ - 11*(along*along+across*across)/(c.radiusKM*c.radiusKM); z > best {
			best, mover = z, c
		}
	}
	if mover == nil || best < -10 {
		return -40
	}
	best += 7 * s.noise.fractal(x-mover.x+200, y-mover.y+200) // texture moves with the cell
	if heightKM > 5 {
		best -= 3.5 * (heightKM - 5) // above the melting layer
	}
	return best
}

// Flow gives the steering motion in m/s at a distance north of the centre in kilometres.
func Flow(northKM float64) (east, north float64) { return flowEast + shearPerKM*northKM, flowNorth }

// Field gives the true reflectivity on a domain at a time, at a height above sea level.
func (s *Storm) Field(d grid.Domain, t time.Time, aboveSeaM float64) *grid.Field {
	f := &grid.Field{Rows: d.Rows, Cols: d.Cols, Values: make([]float32, d.Rows*d.Cols)}
	cells, _ := s.at(t)
	grid.Bands(d.Rows, func(from, to int) {
		for row := from; row < to; row++ {
			for col := range d.Cols {
				lat, lon := d.Position(float64(row), float64(col))
				x, y := s.cfg.kilometres(lat, lon)
				f.Values[row*d.Cols+col] = grid.NoEchoDBZ
				if z := s.reflectivity(cells, x, y, aboveSeaM/1000); z > 0 {
					f.Values[row*d.Cols+col] = float32(z)
				}
			}
		}
	})
	return f
}
