package probability

import (
	"math"
	"testing"
)

// verification is the scores of a threshold at a lead time: ours and those of each box.
type verification struct {
	ours  scored
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
					v.ours.add(float64(share(p.codes[i])), hit)
					for b, box := range boxes {
						v.boxes[b].add(neighbours.fraction(i, box), hit)
					}
				})
			}
		}
	}
	return out
}

// What must hold on all sequences and leads together. A single sequence is allowed more: growth and decay that no frame
// so far has announced, as of the storm on the single radar, put whole bins off.
const (
	enoughCells  = 1000 // of a bin that counts
	worstPercent = 10.0
	worstOfOne   = 17.0
	scarceCells  = 500 // with fewer above a threshold, skill is chance
)

// TestReliability prints what happened less what was forecast, in percent, in ten bins of probability.
func TestReliability(t *testing.T) {
	if raceEnabled {
		t.Skip("the scores do not depend on the race detector, and it makes them slow")
	}
	cfg := DefaultConfig()
	together := make([]scored, len(cfg.ThresholdsDBZ))
	verified := 0
	for _, s := range sequences {
		t.Run(s.name, func(t *testing.T) {
			s := load(t, s)
			var gain, cases float64
			for k, leads := range s.verify(t, cfg) {
				var all scored
				for l := range leads {
					v := &leads[l]
					skill, box := v.best()
					off, worst := v.ours.table(enoughCells)
					_, hits := v.ours.total()
					t.Logf("%2.0f dBZ in %4.1f min, %7.0f cells: skill %.3f, box of %3d %.3f; worst %4.1f |%s",
						cfg.ThresholdsDBZ[k], s.leadMinutes()[l], hits, v.ours.skill(), box, skill, worst, off)
					if hits >= scarceCells {
						gain, cases = gain+v.ours.skill()-skill, cases+1
					}
					all.merge(&v.ours)
				}
				off, worst := all.table(enoughCells)
				t.Logf("%2.0f dBZ at all leads: skill %.3f; worst %4.1f |%s", cfg.ThresholdsDBZ[k], all.skill(), worst, off)
				if worst > s.worstPercent {
					t.Errorf("%g dBZ: a bin is off by %.1f %%", cfg.ThresholdsDBZ[k], worst)
				}
				together[k].merge(&all)
			}
			verified++
			t.Logf("Brier skill above the best box of each lead: %+.4f in the mean", gain/cases)
			if gain/cases < s.leastGain {
				t.Errorf("gain of %+.4f over fixed boxes, want %+.4f", gain/cases, s.leastGain)
			}
		})
	}
	if verified < len(sequences) {
		return // one alone was asked for, or there are none
	}
	for k := range together {
		off, worst := together[k].table(enoughCells)
		t.Logf("%2.0f dBZ, all sequences: worst %4.1f |%s", cfg.ThresholdsDBZ[k], worst, off)
		if worst > worstPercent {
			t.Errorf("%g dBZ: over all sequences a bin is off by %.1f %%", cfg.ThresholdsDBZ[k], worst)
		}
	}
}
