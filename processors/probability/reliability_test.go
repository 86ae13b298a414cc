package probability

import (
	"fmt"
	"math"
	"strings"
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

// extrapolated is the nowcast of the house: motion from the frames, then the last of them along it.
func extrapolated(frames []*grid.Field, minutes, leads []float64) ([]*grid.Field, error) {
	m, err := motion.Estimate(frames, minutes, motion.DefaultConfig())
	if err != nil {
		return nil, err
	}
	return nowcast.Extrapolate(frames[len(frames)-1], m, leads, nowcast.DefaultConfig())
}

// until gives what may be known at a frame: those of the last 20 minutes, and when they were.
func (s sequence) until(at int) (frames []*grid.Field, minutes []float64) {
	first := max(0, at-int(20/s.stepMin))
	for i := first; i <= at; i++ {
		minutes = append(minutes, float64(i)*s.stepMin)
	}
	return s.frames[first : at+1], minutes
}

// scored is cells in ten bins of probability, and the sum of squared errors.
type scored struct {
	cells, sum, hits [10]float64
	brier            float64
}

func (s *scored) add(p float64, hit bool) {
	b := min(int(p*10), 9)
	s.cells[b]++
	s.sum[b] += p
	o := 0.0
	if hit {
		o = 1
	}
	s.hits[b] += o
	s.brier += (p - o) * (p - o)
}

func (s *scored) merge(o *scored) {
	for b := range s.cells {
		s.cells[b] += o.cells[b]
		s.sum[b] += o.sum[b]
		s.hits[b] += o.hits[b]
	}
	s.brier += o.brier
}

// total gives the cells and those above the threshold.
func (s *scored) total() (cells, hits float64) {
	for b := range s.cells {
		cells, hits = cells+s.cells[b], hits+s.hits[b]
	}
	return cells, hits
}

// skill gives the Brier score's gain over forecasting the mean frequency everywhere.
func (s *scored) skill() float64 {
	cells, hits := s.total()
	return 1 - s.brier/(hits*(1-hits/cells))
}

// table gives observed minus forecast frequency in percent per bin, and the worst of bins with enough cells.
func (s *scored) table(enough float64) (text string, worst float64) {
	var b strings.Builder
	for i, n := range s.cells {
		if n < enough {
			b.WriteString("     .")
			continue
		}
		off := 100 * (s.hits[i] - s.sum[i]) / n
		worst = max(worst, math.Abs(off))
		fmt.Fprintf(&b, " %+5.1f", off)
	}
	return b.String(), worst
}

// boxes are the fixed neighbourhoods, in cells across, that probabilities are compared with.
var boxes = []int{1, 3, 5, 7, 9, 11, 15, 21, 31, 45, 61, 81, 121}

// fractions gives the share of cells at or above a threshold in a box around each, among those with a value.
func fractions(f *grid.Field, threshold float64, box int) []float64 {
	rows, cols := f.Rows, f.Cols
	above, known := make([]float64, (rows+1)*(cols+1)), make([]float64, (rows+1)*(cols+1))
	for r := range rows {
		for c := range cols {
			i := (r+1)*(cols+1) + c + 1
			var a, k float64
			if v := f.At(r, c); v == v {
				k = 1
				if float64(v) >= threshold {
					a = 1
				}
			}
			above[i] = a + above[i-1] + above[i-cols-1] - above[i-cols-2]
			known[i] = k + known[i-1] + known[i-cols-1] - known[i-cols-2]
		}
	}
	out := make([]float64, rows*cols)
	for r := range rows {
		for c := range cols {
			top, bottom := max(r-box/2, 0)*(cols+1), min(r+box/2+1, rows)*(cols+1)
			left, right := max(c-box/2, 0), min(c+box/2+1, cols)
			k := known[bottom+right] - known[top+right] - known[bottom+left] + known[top+left]
			out[r*cols+c] = (above[bottom+right] - above[top+right] - above[bottom+left] + above[top+left]) / max(k, 1)
		}
	}
	return out
}

func (s sequence) each(observed, forecast *grid.Field, do func(i int, dbz float32)) {
	for r := s.margin; r < observed.Rows-s.margin; r++ {
		for c := s.margin; c < observed.Cols-s.margin; c++ {
			i := r*observed.Cols + c
			if o := observed.Values[i]; o == o && forecast.Values[i] == forecast.Values[i] {
				do(i, o)
			}
		}
	}
}

func TestReliability(t *testing.T) {
	cfg := DefaultConfig()
	for _, s := range sequences {
		t.Run(s.name, func(t *testing.T) {
			s := load(t, s)
			leads := make([]float64, len(s.leads))
			for l, step := range s.leads {
				leads[l] = float64(step) * s.stepMin
			}
			ours := make([][]scored, len(cfg.ThresholdsDBZ))
			fixed := make([][][]scored, len(cfg.ThresholdsDBZ))
			for k := range ours {
				ours[k], fixed[k] = make([]scored, len(s.leads)), make([][]scored, len(s.leads))
				for l := range s.leads {
					fixed[k][l] = make([]scored, len(boxes))
				}
			}
			for _, at := range s.starts {
				frames, minutes := s.until(at)
				loss, err := Learn(frames, minutes, extrapolated, s.cellKM, cfg)
				if err != nil {
					t.Fatal(err)
				}
				nowcasts, err := extrapolated(frames, minutes, leads)
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("start %d: %+v", at, loss)
				for l, f := range nowcasts {
					observed := s.frames[at+s.leads[l]]
					chances, err := Exceedance(f, leads[l], s.cellKM, loss, cfg)
					if err != nil {
						t.Fatal(err)
					}
					for k, p := range chances {
						s.each(observed, f, func(i int, dbz float32) { ours[k][l].add(float64(share(p.codes[i])), float64(dbz) >= p.ThresholdDBZ) })
						for b, box := range boxes {
							q := fractions(f, p.ThresholdDBZ, box)
							s.each(observed, f, func(i int, dbz float32) { fixed[k][l][b].add(q[i], float64(dbz) >= p.ThresholdDBZ) })
						}
					}
				}
			}
			for k, threshold := range cfg.ThresholdsDBZ {
				var all scored
				for l := range s.leads {
					best, box := math.Inf(-1), 0
					for b := range boxes {
						if skill := fixed[k][l][b].skill(); skill > best {
							best, box = skill, boxes[b]
						}
					}
					table, worst := ours[k][l].table(1000)
					_, hits := ours[k][l].total()
					t.Logf("%2.0f dBZ %4.1f min n=%7.0f skill %.3f, box of %3d %.3f, gain %+.3f; worst %4.1f |%s", threshold, leads[l], hits, ours[k][l].skill(), box, best, ours[k][l].skill()-best, worst, table)
					all.merge(&ours[k][l])
				}
				table, worst := all.table(1000)
				t.Logf("%2.0f dBZ all leads skill %.3f worst %.1f |%s", threshold, all.skill(), worst, table)
			}
		})
	}
}
