package probability

import (
	"math"
	"testing"

	"bowecho/internal/racing"
)

// verification is the scores of a threshold at a lead time: ours and those of each box.
type verification struct {
	ours  reliability
	boxes [13]scored
}

// best gives the skill of the best of the boxes, chosen with hindsight.
func (v *verification) best() (skill float64, box int) {
	skill = math.Inf(-1)
	for b := range boxes {
		if s := v.boxes[b].skill(); s > skill {
			skill, box = s, boxes[b]
		}
	}
	return skill, box
}

// verify scores probabilities at all starts, by threshold and lead time. Nothing after a start is known at it.
func (s sequence) verify(t *testing.T, cfg Config) [][]verification {
	out := make([][]verification, len(cfg.ThresholdsDBZ))
	for k := range out {
		out[k] = make([]verification, len(s.leads))
	}
	leads := s.leadMinutes()
	for _, at := range s.starts {
		frames, minutes := s.until(at)
		loss, err := Learn(frames, minutes, s.extrapolated, s.cellKM, cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("start %d: %+v", at, loss)
		nowcasts, err := s.extrapolated(frames, minutes, leads)
		if err != nil {
			t.Fatal(err)
		}
		for l, f := range nowcasts {
			chances, err := Exceedance(f, leads[l], s.cellKM, loss, cfg)
			if err != nil {
				t.Fatal(err)
			}
			for k, p := range chances {
				v, neighbours := &out[k][l], newSums(f, p.ThresholdDBZ)
				s.inner(s.frames[at+s.leads[l]], f, p.ThresholdDBZ, func(i int, hit bool) {
					v.ours.add(float64(share(p.codes[i])), hit, s.square(i))
					for b, box := range boxes {
						v.boxes[b].add(neighbours.fraction(i, box), hit)
					}
				})
			}
		}
	}
	return out
}

// What must hold on each sequence alone, and on all together.
const (
	enoughCells  = 1000 / everyCells / everyCells // of a bin that holds data
	worstPercent = 10.0
	scarceCells  = 500 / everyCells / everyCells // with fewer above a threshold, skill is chance
)

// leastGain is in Brier skill, in the mean over leads and thresholds, above the one box that is the best on the sequence.
const leastGain = 0.01

// TestReliability prints what happened less what was forecast, in percent, in ten bins of probability.
func TestReliability(t *testing.T) {
	racing.Skip(t, "the scores are numbers")
	cfg := DefaultConfig()
	together := make([]reliability, len(cfg.ThresholdsDBZ))
	verified := 0
	for _, s := range sequences {
		t.Run(s.name, func(t *testing.T) {
			s := load(t, s)
			var gains gains
			for k, leads := range s.verify(t, cfg) {
				var all reliability
				for l := range leads {
					v := &leads[l]
					skill, box := v.best()
					off, worst := v.ours.table()
					_, hits := v.ours.total()
					t.Logf("%2.0f dBZ in %4.1f min, %7.0f cells: skill %.3f, box of %3d %.3f; worst %4.1f |%s",
						cfg.ThresholdsDBZ[k], s.leadMinutes()[l], hits, v.ours.skill(), box, skill, worst, off)
					if hits >= scarceCells {
						gains.add(v)
					}
					all.merge(&v.ours)
				}
				off, worst := all.table()
				t.Logf("%2.0f dBZ at all leads: skill %.3f; worst %4.1f |%s", cfg.ThresholdsDBZ[k], all.skill(), worst, off)
				if worst > worstPercent {
					t.Errorf("%g dBZ: a bin is off by %.1f %%", cfg.ThresholdsDBZ[k], worst)
				}
				together[k].merge(&all)
			}
			verified++
			gain, box := gains.fixed()
			t.Logf("Brier skill in the mean: %+.4f above the best one box, of %d; %+.4f above the best of each lead and threshold", gain, box, gains.each())
			if gain < leastGain {
				t.Errorf("gain of %+.4f over a fixed box, want %+.4f", gain, leastGain)
			}
		})
	}
	if verified < len(sequences) {
		return // one alone was asked for, or there are none
	}
	for k := range together {
		off, worst := together[k].table()
		t.Logf("%2.0f dBZ, all sequences: worst %4.1f |%s", cfg.ThresholdsDBZ[k], worst, off)
		if worst > worstPercent {
			t.Errorf("%g dBZ: over all sequences a bin is off by %.1f %%", cfg.ThresholdsDBZ[k], worst)
		}
	}
}

// gains is sums of skill over leads and thresholds.
type gains struct {
	cases, ours, best float64
	boxes             [13]float64
}

func (g *gains) add(v *verification) {
	best, _ := v.best()
	g.cases++
	g.ours += v.ours.skill()
	g.best += best
	for b := range boxes {
		g.boxes[b] += v.boxes[b].skill()
	}
}

// fixed gives what is gained on the one box that is the best, and how wide it is.
func (g *gains) fixed() (gain float64, box int) {
	b := 0
	for i, skill := range g.boxes {
		if skill > g.boxes[b] {
			b = i
		}
	}
	return (g.ours - g.boxes[b]) / g.cases, boxes[b]
}

// each gives what is gained on boxes of which each lead and threshold has its own best.
func (g *gains) each() float64 { return (g.ours - g.best) / g.cases }
