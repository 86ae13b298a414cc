package contour

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// span is one edge of a simplified outline: from one kept vertex to the next.
type span struct {
	of       *outline
	from, to int
}

func (s span) ends() (a, b orb.Point) { return s.of.ring[s.from], s.of.ring[s.to] }

// spans is all edges of some outlines, by the squares of a coarse mesh that they may touch.
type spans struct {
	all     []span
	origin  orb.Point
	side    float64 // of a square, in cells
	cols    int
	starts  []int32 // by square: where its list begins in members
	members []int32 // indices into all
}

func newSpans(outlines []*outline) *spans {
	m := &spans{}
	bound := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for _, o := range outlines {
		from := 0
		for i := 1; i < len(o.keep); i++ {
			if o.keep[i] {
				m.all = append(m.all, span{o, from, i})
				bound = bound.Extend(o.ring[i])
				from = i
			}
		}
	}
	if len(m.all) == 0 {
		return m
	}
	width, height := bound.Max[0]-bound.Min[0], bound.Max[1]-bound.Min[1]
	m.origin = bound.Min
	m.side = max(1, math.Sqrt(width*height/float64(len(m.all))), max(width, height)/float64(len(m.all)))
	m.cols = int(width/m.side) + 1
	m.sort((int(height/m.side) + 1) * m.cols)
	return m
}

// sort lists the edges by square: count, then place.
func (m *spans) sort(squares int) {
	m.starts = make([]int32, squares+1)
	for _, s := range m.all {
		m.squares(s, 0, func(at int) { m.starts[at]++ })
	}
	var total int32
	for i, n := range m.starts {
		total += n
		m.starts[i] = total
	}
	m.members = make([]int32, total)
	for i, s := range m.all {
		m.squares(s, 0, func(at int) {
			m.starts[at]--
			m.members[m.starts[at]] = int32(i)
		})
	}
}

// squares visits the squares that an edge may come within a distance of.
func (m *spans) squares(s span, within float64, visit func(at int)) {
	a, b := s.ends()
	rows := (len(m.starts) - 1) / m.cols
	place := func(v, origin float64, count int) int {
		return min(max(int(math.Floor((v-origin)/m.side)), 0), count-1)
	}
	col0 := place(min(a[0], b[0])-within, m.origin[0], m.cols)
	col1 := place(max(a[0], b[0])+within, m.origin[0], m.cols)
	row0 := place(min(a[1], b[1])-within, m.origin[1], rows)
	row1 := place(max(a[1], b[1])+within, m.origin[1], rows)
	for row := row0; row <= row1; row++ {
		for col := col0; col <= col1; col++ {
			visit(row*m.cols + col)
		}
	}
}

// conflict tells whether an edge crosses another or comes nearer than the clearance to it, but where they are joined.
func (m *spans) conflict(s span) bool {
	found := false
	m.squares(s, clearance, func(at int) {
		for _, i := range m.members[m.starts[at]:m.starts[at+1]] {
			other := m.all[i]
			if !found && other != s && tooNear(s, other) {
				found = true
			}
		}
	})
	return found
}

func tooNear(s, t span) bool {
	a, b := s.ends()
	c, d := t.ends()
	if max(c[0], d[0]) < min(a[0], b[0])-clearance || min(c[0], d[0]) > max(a[0], b[0])+clearance ||
		max(c[1], d[1]) < min(a[1], b[1])-clearance || min(c[1], d[1]) > max(a[1], b[1])+clearance {
		return false
	}
	near := func(p, from, to orb.Point) bool {
		return p != from && p != to && distance(p, from, to) < clearance
	}
	return near(a, c, d) || near(b, c, d) || near(c, a, b) || near(d, a, b) || crosses(a, b, c, d) || a == d && b == c
}

// crosses tells whether two edges cross within both.
func crosses(a, b, c, d orb.Point) bool {
	return side(a, b, c)*side(a, b, d) < 0 && side(c, d, a)*side(c, d, b) < 0
}

// side tells on which side of the line from a to b a point lies, by its sign.
func side(a, b, p orb.Point) float64 {
	return (b[0]-a[0])*(p[1]-a[1]) - (b[1]-a[1])*(p[0]-a[0])
}

// vertices is one vertex of each of some outlines, from north to south. None of them is ever dropped.
type vertices []vertex

type vertex struct {
	at orb.Point
	of *outline
}

func firstVertices(outlines []*outline) vertices {
	var all vertices
	for _, o := range outlines {
		all = append(all, vertex{o.ring[0], o})
	}
	slices.SortStableFunc(all, func(a, b vertex) int { return cmp.Compare(a.at[1], b.at[1]) })
	return all
}

// passed tells whether an edge, where its outline was before, had another outline on its other side.
func (all vertices) passed(s span) bool {
	chain := s.of.ring[s.from : s.to+1]
	bound := orb.MultiPoint(chain).Bound()
	i, _ := slices.BinarySearchFunc(all, bound.Min[1], func(v vertex, y float64) int { return cmp.Compare(v.at[1], y) })
	for ; i < len(all) && all[i].at[1] <= bound.Max[1]; i++ {
		if v := all[i]; v.of != s.of && bound.Contains(v.at) && planar.RingContains(append(slices.Clip(chain), chain[0]), v.at) {
			return true
		}
	}
	return false
}
