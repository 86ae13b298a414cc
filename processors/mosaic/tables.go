package mosaic

import (
	"math"
	"sync"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

// tableBytes bounds the tables that are kept: those of about eighty radars at a kilometre, or a hundred X-band ones at 250 m.
const tableBytes = 256 << 20

// reachStepM is how finely reach is told apart, so that sweeps of one radar share a table.
const reachStepM = 10_000

// geometry is all that a table depends on.
type geometry struct {
	latDeg, lonDeg, reachM float64
	domain                 grid.Domain
}

// tables keeps the grounds of radars, those used last.
var tables = struct {
	sync.Mutex
	kept  map[geometry]*keptGround
	bytes int
	uses  int
}{kept: map[geometry]*keptGround{}}

type keptGround struct {
	*ground
	lastUse int
}

// groundOf gives the ground of a radar on a domain, from what is kept if it is there.
func groundOf(site radar.Site, d grid.Domain, reachM float64) *ground {
	key := geometry{site.LatitudeDeg, site.LongitudeDeg, math.Ceil(reachM/reachStepM) * reachStepM, d}
	key.domain.Name = ""
	if g := keptOf(key); g != nil {
		return g
	}
	g := newGround(site, d, key.reachM)
	keep(key, g)
	return g
}

func keptOf(key geometry) *ground {
	tables.Lock()
	defer tables.Unlock()
	k := tables.kept[key]
	if k == nil {
		return nil
	}
	tables.uses++
	k.lastUse = tables.uses
	return k.ground
}

// keep adds a table, and gives up those that were not used for longest.
func keep(key geometry, g *ground) {
	tables.Lock()
	defer tables.Unlock()
	if tables.kept[key] != nil || g.bytes() > tableBytes {
		return
	}
	tables.uses++
	tables.kept[key] = &keptGround{g, tables.uses}
	tables.bytes += g.bytes()
	for tables.bytes > tableBytes {
		oldest := key
		for k, t := range tables.kept {
			if t.lastUse < tables.kept[oldest].lastUse {
				oldest = k
			}
		}
		tables.bytes -= tables.kept[oldest].bytes()
		delete(tables.kept, oldest)
	}
}
