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
	leastGain     float64 // in Brier skill, over the box that is the best at each lead and threshold with hindsight
	worstPercent  float64 // by which a bin may be off
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
	{name: "casa_addison20170329", starts: []int{9, 12, 14, 17, 20}, leads: []int{5, 10, 15, 20}, margin: 25, leastGain: -0.005, worstPercent: 20},
	{name: "fmi20160928", starts: []int{9, 11, 14, 16, 18}, leads: []int{1, 2, 3, 4, 6}, margin: 50, leastGain: 0.01, worstPercent: 13},
	{name: "mch20150515", starts: []int{9, 11, 14, 16, 18}, leads: []int{1, 2, 3, 4, 6}, margin: 50, leastGain: 0.01, worstPercent: 13},
	{name: "mrms20190610", starts: []int{9, 12, 14, 17, 20}, leads: []int{3, 5, 8, 10, 15}, margin: 50, leastGain: 0.01, worstPercent: 8},
}

// extrapolated is the nowcast that probabilities are made from: motion from the frames, and the last of them along it.
func (s sequence) extrapolated(frames []*grid.Field, minutes, leads []float64) ([]*grid.Field, error) {
	m, err := motion.Estimate(frames, minutes, motion.DefaultConfig())
	if err != nil {
		return nil, err
	}
	return nowcast.Extrapolate(frames, minutes, m, 1000*s.cellKM, leads, nowcast.MovedOnly())
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

// inner goes through the cells away from the edge that both fields know, and tells whether the first reaches a threshold.
func (s sequence) inner(observed, forecast *grid.Field, threshold float64, do func(i int, hit bool)) {
	for r := s.margin; r < observed.Rows-s.margin; r++ {
		for c := s.margin; c < observed.Cols-s.margin; c++ {
			i := r*observed.Cols + c
			if o, f := observed.Values[i], forecast.Values[i]; o == o && f == f {
				do(i, float64(o) >= threshold)
			}
		}
	}
}
