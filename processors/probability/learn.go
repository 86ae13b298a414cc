package probability

import (
	"fmt"
	"math"

	"bowecho/internal/grid"
)

// Hindcast is a forecast from an earlier frame, and what was then observed at the time it was for.
type Hindcast struct {
	LeadMin           float64
	Nowcast, Observed *grid.Field
}

// Learn gives the loss that hindcasts show, leaning on the prior where they show little. Without any it is the prior.
func Learn(hindcasts []Hindcast, cellKM float64, cfg Config) (Loss, error) {
	loss := Prior(cfg)
	cases := make([]verified, len(hindcasts))
	for i, h := range hindcasts {
		if err := check(h.Nowcast, h.LeadMin, cellKM, loss, cfg); err != nil {
			return loss, fmt.Errorf("hindcast %d: %w", i, err)
		}
		if h.LeadMin == 0 || h.Observed.Rows != h.Nowcast.Rows || h.Observed.Cols != h.Nowcast.Cols {
			return loss, fmt.Errorf("probability: hindcast %d has a lead of %g minutes and %d × %d cells observed, want a lead above 0 and %d × %d cells",
				i, h.LeadMin, h.Observed.Rows, h.Observed.Cols, h.Nowcast.Rows, h.Nowcast.Cols)
		}
		cases[i] = newVerified(h, cfg.ThresholdsDBZ)
	}
	for i := range cfg.ThresholdsDBZ {
		loss.GrowthPerMin[i] = trend(cases, i)
	}
	loss.SpreadKMPerMin = fastest(cases, loss, cellKM, cfg.ThresholdsDBZ)
	return loss, nil
}

// verified is a hindcast with the areas, in cells, that it and the truth have above each threshold where both are known.
type verified struct {
	leadMin      float64
	nowcast      *strengths
	observed     []float32
	area, actual []float64
}

func newVerified(h Hindcast, thresholds []float64) verified {
	v := verified{h.LeadMin, newStrengths(h.Nowcast), h.Observed.Values, make([]float64, len(thresholds)), make([]float64, len(thresholds))}
	for i, observed := range h.Observed.Values {
		forecast := h.Nowcast.Values[i]
		if observed != observed || forecast != forecast {
			continue
		}
		for k, t := range thresholds {
			if float64(forecast) >= t {
				v.area[k]++
			}
			if float64(observed) >= t {
				v.actual[k]++
			}
		}
	}
	return v
}

// Weights of the prior: a trend is believed by half where an area has so many cells, and a spread e times the prior's
// must better the skill by so much.
const (
	trendCells   = 200
	spreadCost   = 0.004
	trendBelieve = 0.5
)

// trend gives the rise a minute of the logarithm of the area above a threshold.
func trend(cases []verified, threshold int) float64 {
	var sum, weight float64
	for _, c := range cases {
		area, actual := c.area[threshold], c.actual[threshold]
		sum += math.Log((actual+trendCells)/(area+trendCells)) * c.leadMin
		weight += c.leadMin * c.leadMin
	}
	if weight == 0 {
		return 0
	}
	return trendBelieve * sum / weight
}

// Spreads that are tried, each so many times the one before.
const (
	slowest    = 0.05 // km a minute
	spreadStep = 1.6
	spreads    = 7
)

// fastest gives the spread, in km a minute, whose probabilities had the best Brier skill in the hindcasts.
func fastest(cases []verified, loss Loss, cellKM float64, thresholds []float64) float64 {
	best, least := loss.SpreadKMPerMin, math.Inf(1)
	if len(cases) == 0 {
		return best
	}
	for k := range spreads {
		loss.SpreadKMPerMin = slowest * math.Pow(spreadStep, float64(k))
		off := math.Log(loss.SpreadKMPerMin / priorSpread)
		cost := spreadCost * off * off
		for _, c := range cases {
			cost += c.cost(loss, cellKM, thresholds) / float64(len(cases))
		}
		if cost < least {
			best, least = loss.SpreadKMPerMin, cost
		}
	}
	return best
}

// cost gives the Brier score against that of the area's mean, a mean over the thresholds, less where there is little echo.
func (v verified) cost(loss Loss, cellKM float64, thresholds []float64) float64 {
	var sum float64
	for i, f := range loss.exceedance(v.nowcast, v.leadMin, cellKM, thresholds) {
		var score float64
		var known int
		for k, code := range f.codes {
			if o := v.observed[k]; code != unknown && o == o {
				p := float64(code) / certain
				if float64(o) >= thresholds[i] {
					p = 1 - p
				}
				score += p * p
				known++
			}
		}
		actual := v.actual[i]
		sum += score / (actual*(1-actual/float64(max(known, 1))) + trendCells)
	}
	return sum / float64(len(thresholds))
}
