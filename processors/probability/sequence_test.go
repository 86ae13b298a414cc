package probability

import (
	"testing"

	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/internal/realdata"
	"bowecho/processors/motion"
	"bowecho/processors/nowcast"
)

// sequence is real frames, and the starts and leads, in steps, at which nowcasts of them are scored.
type sequence struct {
	name          string
	starts, leads []int
	margin        int
	frames        []*grid.Field
	stepMin       float64
	cellKM        float64
}

func load(t testing.TB, s sequence) sequence {
	file, err := ncfile.Read(realdata.Path(t, "data", "sequences", s.name+".nc"), -1)
	if err != nil {
		t.Fatal(err)
	}
	s.stepMin, s.cellKM = file.StepMinutes, file.CellSizeM/1000
	for _, lead := range file.Grid.Leads {
		s.frames = append(s.frames, lead.Field)
	}
	return s
}

// Starts, leads and margins of tools/score_nowcast.py.
var sequences = []sequence{
	{name: "casa_addison20170329", starts: []int{9, 12, 14, 17, 20}, leads: []int{5, 10, 15, 20}, margin: 25},
	{name: "fmi20160928", starts: []int{9, 11, 14, 16, 18}, leads: []int{1, 2, 3, 4, 6}, margin: 50},
	{name: "mch20150515", starts: []int{9, 11, 14, 16, 18}, leads: []int{1, 2, 3, 4, 6}, margin: 50},
	{name: "mrms20190610", starts: []int{9, 12, 14, 17, 20}, leads: []int{3, 5, 8, 10, 15}, margin: 50},
}

// extrapolated is the nowcast that probabilities are made from: motion from the frames, and the last of them along it.
func (s sequence) extrapolated(frames []*grid.Field, minutes, leads []float64) ([]*grid.Field, error) {
	m, err := motion.Estimate(frames, minutes, 1000*s.cellKM, motion.DefaultConfig())
	if err != nil {
		return nil, err
	}
	return nowcast.Extrapolate(frames, minutes, m, 1000*s.cellKM, leads, nowcast.Unspread())
}

// until gives what may be known at a frame: those of the last 20 minutes, and when they were.
func (s sequence) until(at int) (frames []*grid.Field, minutes []float64) {
	first := max(0, at-int(20/s.stepMin))
	for i := first; i <= at; i++ {
		minutes = append(minutes, float64(i)*s.stepMin)
	}
	return s.frames[first : at+1], minutes
}

// leadMinutes gives the lead times at which the sequence is scored.
func (s sequence) leadMinutes() []float64 {
	out := make([]float64, len(s.leads))
	for i, step := range s.leads {
		out[i] = float64(step) * s.stepMin
	}
	return out
}

// square is the part of a storm that a cell belongs to.
type square struct {
	sequence string
	row, col int
}

// squareKM is how wide a square is. Errors of a nowcast within it, at whatever lead and start, are of one storm that moved or grew
// otherwise, and count as one case.
const squareKM = 25

// everyCells is how far apart cells are, along rows and columns, that are scored: they speak for those between them.
const everyCells = 2

// inner goes through cells away from the edge that both fields know, and tells whether the first reaches a threshold.
func (s sequence) inner(observed, forecast *grid.Field, threshold float64, do func(i int, hit bool)) {
	for r := s.margin; r < observed.Rows-s.margin; r += everyCells {
		for c := s.margin; c < observed.Cols-s.margin; c += everyCells {
			i := r*observed.Cols + c
			if o, f := observed.Values[i], forecast.Values[i]; o == o && f == f {
				do(i, float64(o) >= threshold)
			}
		}
	}
}

func (s sequence) square(i int) square {
	side := int(squareKM / s.cellKM)
	cols := s.frames[0].Cols
	return square{s.name, i / cols / side, i % cols / side}
}
