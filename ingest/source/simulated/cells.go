package simulated

import (
	"math"
	"math/rand/v2"
	"time"
)

// A round lasts so long. In its first part cells are born, and all are over before the air is clear for twenty minutes.
const (
	round       = 80 * time.Minute
	birthsUntil = 18 * time.Minute
	allOver     = 38 * time.Minute
)

const (
	birthEvery     = 75 * time.Second // on average, of the cells that come by chance
	splitsFromDBZ  = 54.0
	splitDeviation = 4.0 // m/s, of a right or left mover, across the flow
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

// nursery gathers the cells of one round.
type nursery struct {
	random *rand.Rand
	cells  []cell
}

// born gives the cells of a round: a squall line with the steady rain behind it, and others that come by chance.
func (s *Storm) born(number int64) []cell {
	n := &nursery{random: rand.New(rand.NewPCG(s.cfg.Seed, uint64(number)))}
	n.line()
	n.steady()
	n.scattered()
	return n.cells
}

// line adds cells along a bow. Half are mature when the round begins; the rest are born ahead of them and take over, so
// that the line is faster than its cells.
func (n *nursery) line() {
	for i := range 20 {
		y := -47 + 4.7*float64(i) + 1.5*n.random.NormFloat64()
		born := -14*time.Minute + n.minutes(8)
		if i%2 == 1 {
			born = -6*time.Minute + n.minutes(18)
		}
		age := max(born, 0).Seconds() / 1000
		n.add(cell{
			born: born, x: lineX(y) + 2*n.random.NormFloat64() + lineFaster*flowEast*age, y: y + flowNorth*age,
			peakDBZ: 52 + 13*n.random.Float64(), radiusKM: 2.4 + 2.2*n.random.Float64(),
		})
	}
}

const lineFaster = 1.5

// lineX gives where the line's cells are born before a round: bowed forward in the middle, and aslant.
func lineX(y float64) float64 { return -53 + 11*math.Cos(y/38) + 0.2*y }

// steady adds the wide rain that trails the line.
func (n *nursery) steady() {
	for i := range 6 {
		y := -42 + 16*float64(i) + 5*n.random.NormFloat64()
		c := cell{
			born: -20 * time.Minute, life: allOver + 18*time.Minute,
			x: lineX(y) - 26 + 5*n.random.NormFloat64(), y: y, peakDBZ: 27 + 6*n.random.Float64(), radiusKM: 10 + 5*n.random.Float64(),
		}
		n.turn(&c)
		c.stretch = min(c.stretch, 1.4)
		c.east, c.north = Flow(c.y)
		n.cells = append(n.cells, c)
	}
}

// scattered adds cells whose births are a Poisson process.
func (n *nursery) scattered() {
	for born := n.gap(); born < birthsUntil; born += n.gap() {
		n.add(cell{
			born: born, x: -45 + 85*n.random.Float64(), y: -48 + 96*n.random.Float64(),
			peakDBZ: 38 + 22*n.random.Float64(), radiusKM: 1.8 + 2.6*n.random.Float64(),
		})
	}
}

func (n *nursery) gap() time.Duration {
	return time.Duration(n.random.ExpFloat64() * float64(birthEvery))
}

// minutes gives some time up to a limit.
func (n *nursery) minutes(limit float64) time.Duration {
	return time.Duration(limit * n.random.Float64() * float64(time.Minute))
}

// turn draws the shape of a cell.
func (n *nursery) turn(c *cell) {
	c.sin, c.cos = math.Sincos(math.Pi * n.random.Float64())
	c.stretch = 1 + 0.9*n.random.Float64()
}

// add gives a cell the life, shape and motion that it draws. Strong cells split at half their life.
func (n *nursery) add(c cell) {
	c.life = min(20*time.Minute+n.minutes(18), allOver-c.born)
	n.turn(&c)
	c.east, c.north = Flow(c.y)
	n.cells = append(n.cells, c)
	if c.peakDBZ < splitsFromDBZ {
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
		n.cells = append(n.cells, mover)
	}
}

// alive is a cell at one moment.
type alive struct {
	x, y         float64 // km
	dBZ          float64
	reachKM      float64    // no echo of it is farther from its centre
	wide, narrow float64    // by how many kilometres its shape is pushed aside at most
	along        [2]float64 // takes kilometres to the east and to the north to radii along the ellipse
	across       [2]float64 // and across it
}

// How a cell fades from its core, and how far its shape is pushed aside, in its radii.
const (
	fadeDB      = 11.0 // at one radius
	trail       = 0.6  // behind, a kilometre counts as so much
	front       = 1.15 // and ahead
	pushWide    = 0.45
	pushNarrow  = 0.45
	maxNarrowKM = 2.2
)

// after gives the cell at an age, and whether it lives then. It grows faster than it decays.
func (c *cell) after(age time.Duration) (a alive, living bool) {
	if age < 0 || age >= c.life {
		return a, false
	}
	grown := math.Sin(math.Pi * math.Pow(age.Seconds()/c.life.Seconds(), 0.7))
	dBZ := c.peakDBZ*math.Pow(grown, 0.35) - 4
	if dBZ <= 0 {
		return a, false
	}
	long := c.radiusKM * c.stretch
	a = alive{
		x: c.x + c.east*age.Seconds()/1000, y: c.y + c.north*age.Seconds()/1000, dBZ: dBZ,
		wide: pushWide * c.radiusKM, narrow: min(pushNarrow*c.radiusKM, maxNarrowKM),
		along: [2]float64{c.cos / long, c.sin / long}, across: [2]float64{-c.sin / c.radiusKM, c.cos / c.radiusKM},
	}
	a.reachKM = long/trail*math.Sqrt((dBZ+textureDB)/fadeDB) + math.Sqrt2*(a.wide+a.narrow)
	return a, true
}

// reflectivity gives the dBZ of the cell at a distance from its centre in kilometres, without texture. The edge is
// ragged, steep ahead and long behind.
func (a *alive) reflectivity(dx, dy float64, push *warp) float64 {
	dx += a.wide*push.wideX + a.narrow*push.narrowX
	dy += a.wide*push.wideY + a.narrow*push.narrowY
	ahead := dx*downstreamX + dy*downstreamY
	if ahead < 0 {
		ahead *= trail - 1
	} else {
		ahead *= front - 1
	}
	dx += ahead * downstreamX
	dy += ahead * downstreamY
	along, across := dx*a.along[0]+dy*a.along[1], dx*a.across[0]+dy*a.across[1]
	return a.dBZ - fadeDB*(along*along+across*across)
}
