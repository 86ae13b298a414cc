package mosaic

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

// The WGS84 ellipsoid: radii of curvature give true distances around a radar. Source: Snyder 1987, USGS Professional
// Paper 1395, eqs. 4-18 and 4-20.
const (
	semiMajorM    = 6378137.0
	eccentricity2 = 0.00669437999014
)

// rangeStepM is how finely ground range is looked up, and perDegree how finely azimuth is.
const (
	rangeStepM = 20
	perDegree  = 20
)

// lookup finds the gates above a place.
type lookup struct {
	site     radar.Site
	domain   grid.Domain
	gates    int
	best     []float32 // of each ray and gate: the highest value within half a cell along the ray
	gateAt   []int32   // gate by ground range; -1 beyond the first or the last, and where the beam is too high
	rayAt    []int32   // ray by azimuth; -1 where no ray looked
	reachM   float64
	mPerLat  float64
	mPerLon  float64 // at the radar
	halfCell float64 // m
}

func newLookup(site radar.Site, sweep *radar.Sweep, d grid.Domain, cfg Config) (*lookup, error) {
	z := sweep.Moment(radar.DBZH)
	if z.Gates.SpacingM <= 0 || z.Gates.Count < 1 || len(z.Values) != len(sweep.Rays)*z.Gates.Count {
		return nil, fmt.Errorf("sweep of %s: %d values for %d rays × %d gates of %g m", site.Name, len(z.Values), len(sweep.Rays), z.Gates.Count, z.Gates.SpacingM)
	}
	sin, cos := math.Sincos(site.LatitudeDeg * math.Pi / 180)
	w := 1 - eccentricity2*sin*sin
	l := &lookup{
		site: site, domain: d, gates: z.Gates.Count,
		mPerLat: semiMajorM * (1 - eccentricity2) / math.Pow(w, 1.5) * math.Pi / 180,
		mPerLon: semiMajorM * cos / math.Sqrt(w) * math.Pi / 180,
	}
	l.halfCell = d.LatSpacingDeg * l.mPerLat / 2
	l.ranges(z.Gates, sweep.ElevationDeg, cfg)
	l.azimuths(sweep.Rays)
	l.best = highestAlong(z.Values, l.gates, int(math.Round(l.halfCell/z.Gates.SpacingM)))
	return l, nil
}

// ranges fills gateAt, and reachM with the ground range of the last gate's end.
func (l *lookup) ranges(g radar.Gates, elevationDeg float64, cfg Config) {
	first := g.CentreM(0) - g.SpacingM/2
	l.reachM = radar.GroundRangeM(first+float64(g.Count)*g.SpacingM, elevationDeg)
	l.gateAt = make([]int32, int(l.reachM/rangeStepM)+1)
	for i := range l.gateAt {
		slant := radar.SlantRangeM((float64(i)+0.5)*rangeStepM, elevationDeg)
		gate := math.Floor((slant - first) / g.SpacingM)
		l.gateAt[i] = -1
		if gate >= 0 && gate < float64(g.Count) && radar.AboveRadarM(slant, elevationDeg) <= cfg.MaxAboveRadarM {
			l.gateAt[i] = int32(gate)
		}
	}
}

// azimuths fills rayAt. A ray covers half the way to its neighbours, but not more than one and a half usual widths to
// a side: a missing sector stays unobserved.
func (l *lookup) azimuths(rays []radar.Ray) {
	l.rayAt = make([]int32, 360*perDegree)
	away := make([]float64, len(l.rayAt))
	for i := range l.rayAt {
		l.rayAt[i], away[i] = -1, math.Inf(1)
	}
	half := 0.75 * usualSpacingDeg(rays)
	for r, ray := range rays {
		az := float64(ray.AzimuthDeg)
		for k := int(math.Floor((az - half) * perDegree)); k <= int(math.Ceil((az+half)*perDegree)); k++ {
			centre := (float64(k) + 0.5) / perDegree
			i := ((k % len(away)) + len(away)) % len(away)
			if off := math.Abs(centre - az); off <= half && off < away[i] {
				away[i], l.rayAt[i] = off, int32(r)
			}
		}
	}
}

// usualSpacingDeg gives the median angle between neighbouring rays, 1° for a single one.
func usualSpacingDeg(rays []radar.Ray) float64 {
	if len(rays) < 2 {
		return 1
	}
	azimuths := make([]float64, len(rays))
	for i, r := range rays {
		azimuths[i] = float64(r.AzimuthDeg)
	}
	slices.Sort(azimuths)
	gaps := make([]float64, 0, len(rays))
	for i := 1; i < len(azimuths); i++ {
		if gap := azimuths[i] - azimuths[i-1]; gap > 1e-3 {
			gaps = append(gaps, gap)
		}
	}
	if len(gaps) == 0 {
		return 1
	}
	slices.Sort(gaps)
	return min(gaps[len(gaps)/2], 5)
}

// highestAlong gives each gate the highest value of those within so many gates along its ray.
func highestAlong(values []float32, gates, within int) []float32 {
	out := make([]float32, len(values))
	for from := 0; from < len(values); from += gates {
		ray := values[from : from+gates]
		for g := range ray {
			top := ray[g]
			for _, v := range ray[max(0, g-within):min(gates, g+within+1)] {
				if v > top || top != top {
					top = v
				}
			}
			out[from+g] = top
		}
	}
	return out
}

// lay raises the field to what the sweep sees, and tells whether it sees any of it.
func (l *lookup) lay(field *grid.Field) bool {
	var any atomic.Bool
	grid.Bands(field.Rows, func(from, to int) {
		for row := from; row < to; row++ {
			if l.layRow(field.Row(row), row) {
				any.Store(true)
			}
		}
	})
	return any.Load()
}

func (l *lookup) layRow(values []float32, row int) (any bool) {
	lat, _ := l.domain.Position(float64(row), 0)
	north := (lat - l.site.LatitudeDeg) * l.mPerLat
	if math.Abs(north) > l.reachM {
		return false
	}
	// A degree of longitude shrinks towards the pole: the mean of both ends serves for the way between.
	perLon := l.mPerLon * math.Cos((lat+l.site.LatitudeDeg)/2*math.Pi/180) / math.Cos(l.site.LatitudeDeg*math.Pi/180)
	for col := range values {
		_, lon := l.domain.Position(0, float64(col))
		east := math.Remainder(lon-l.site.LongitudeDeg, 360) * perLon
		if math.Abs(east) > l.reachM {
			continue
		}
		v := l.above(east, north)
		if v == v && (values[col] != values[col] || v > values[col]) {
			values[col] = v
		}
		any = any || v == v
	}
	return any
}

// above gives the highest value that reaches into the cell at a place, in metres from the radar.
func (l *lookup) above(east, north float64) float32 {
	ground := math.Hypot(east, north)
	step := int(ground / rangeStepM)
	if step >= len(l.gateAt) || l.gateAt[step] < 0 {
		return radar.NoDataValue
	}
	gate := int(l.gateAt[step])
	azimuth := math.Atan2(east, north) * 180 / math.Pi
	half := math.Atan(l.halfCell/math.Max(ground, l.halfCell)) * 180 / math.Pi
	first, last := int(math.Floor((azimuth-half)*perDegree)), int(math.Floor((azimuth+half)*perDegree))
	if centre := int(math.Floor(azimuth * perDegree)); last-first <= perDegree/2 {
		first, last = centre, centre // the cell is narrower than rays are
	}
	top, before := radar.NoDataValue, int32(-1)
	for k := first; k <= last; k++ {
		ray := l.rayAt[(k+2*len(l.rayAt))%len(l.rayAt)]
		if ray < 0 || ray == before {
			continue
		}
		before = ray
		if v := l.best[int(ray)*l.gates+gate]; v > top || top != top {
			top = v
		}
	}
	if radar.StatusOf(top) == radar.BelowThreshold {
		return grid.NoEchoDBZ
	}
	return top
}
