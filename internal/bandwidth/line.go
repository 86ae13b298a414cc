package bandwidth

import (
	"cmp"
	"container/heap"
	"time"
)

// line is a road of limited width, and who waits to use it.
type line struct {
	rate    float64   // bytes a second
	free    time.Time // when what was let through is through
	waiting queue
	came    int
}

// turn is one who waits.
type turn struct {
	ask
	reply string
	came  int
}

// join lets somebody wait.
func (l *line) join(a ask, reply string) {
	l.came++
	heap.Push(&l.waiting, turn{a, reply, l.came})
}

// next gives who may go now, if anybody may.
func (l *line) next(now time.Time) (turn, bool) {
	if len(l.waiting) == 0 || now.Before(l.free) {
		return turn{}, false
	}
	t := heap.Pop(&l.waiting).(turn)
	if unused := now.Add(-slack); l.free.Before(unused) {
		l.free = unused
	}
	l.free = l.free.Add(time.Duration(float64(t.Bytes) / l.rate * float64(time.Second)))
	return t, true
}

// queue is a heap of those who wait: the highest priority first, then who came first.
type queue []turn

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q queue) Less(i, j int) bool {
	return cmp.Or(-cmp.Compare(q[i].Priority, q[j].Priority), cmp.Compare(q[i].came, q[j].came)) < 0
}
func (q *queue) Push(x any) { *q = append(*q, x.(turn)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	*q = (*q)[:last]
	return t
}
