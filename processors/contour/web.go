package contour

import (
	"math"

	"github.com/paulmach/orb"
)

// web is the edges of some rings as a directed graph over their distinct vertices.
type web struct {
	at     []orb.Point
	edges  []edge
	leaves [][]int32 // by vertex: the edges that start there
}

type edge struct {
	from, to int32
	gone     bool
	follower int32
}

// newWeb takes up the edges of all rings. Two edges that run to and fro between the same vertices enclose nothing: both go.
func newWeb(p orb.Polygon) *web {
	w := &web{}
	ids := map[orb.Point]int32{}
	id := func(v orb.Point) int32 {
		n, known := ids[v]
		if !known {
			n = int32(len(w.at))
			ids[v] = n
			w.at = append(w.at, v)
		}
		return n
	}
	open := map[[2]int32]int32{}
	for _, ring := range p {
		for i := 1; i < len(ring); i++ {
			from, to := id(ring[i-1]), id(ring[i])
			if from == to {
				continue
			}
			if back, ok := open[[2]int32{to, from}]; ok {
				w.edges[back].gone = true
				delete(open, [2]int32{to, from})
				continue
			}
			open[[2]int32{from, to}] = int32(len(w.edges))
			w.edges = append(w.edges, edge{from: from, to: to})
		}
	}
	w.leaves = make([][]int32, len(w.at))
	for i, e := range w.edges {
		if !e.gone {
			w.leaves[e.from] = append(w.leaves[e.from], int32(i))
		}
	}
	return w
}

// connect says which edge follows each: where several leave a vertex, the one that bounds the same piece of area, so
// that pieces which only meet there come apart. The area lies on the left where sense is 1, with y upwards.
func (w *web) connect(sense float64) {
	for i := range w.edges {
		e := &w.edges[i]
		if e.gone {
			continue
		}
		least := math.Inf(1)
		for _, out := range w.leaves[e.to] {
			turn := clockwise(w.at[e.from], w.at[e.to], w.at[w.edges[out].to], sense)
			if turn < least {
				least, e.follower = turn, out
			}
		}
	}
}

// clockwise gives the angle in (0, 2π] at b from a to c, clockwise where sense is 1.
func clockwise(a, b, c orb.Point, sense float64) float64 {
	ax, ay, cx, cy := a[0]-b[0], a[1]-b[1], c[0]-b[0], c[1]-b[1]
	turn := -sense * math.Atan2(ax*cy-ay*cx, ax*cx+ay*cy)
	if turn <= 0 {
		turn += 2 * math.Pi
	}
	return turn
}

// loops follows the edges round and gives closed rings that pass no vertex twice.
func (w *web) loops() []orb.Ring {
	var rings []orb.Ring
	where := make([]int32, len(w.at)) // by vertex: its place on the path, from 1
	for first := range w.edges {
		var path []int32
		for i := int32(first); !w.edges[i].gone; i = w.edges[i].follower {
			w.edges[i].gone = true
			v := w.edges[i].from
			if k := where[v]; k != 0 {
				rings = append(rings, w.cut(path[k-1:], where))
				path = path[:k-1]
			}
			path = append(path, v)
			where[v] = int32(len(path))
		}
		if len(path) > 0 {
			rings = append(rings, w.cut(path, where))
		}
	}
	return rings
}

// cut closes a piece of path to a ring and forgets its vertices.
func (w *web) cut(path []int32, where []int32) orb.Ring {
	ring := make(orb.Ring, 0, len(path)+1)
	for _, v := range path {
		ring = append(ring, w.at[v])
		where[v] = 0
	}
	return append(ring, ring[0])
}
