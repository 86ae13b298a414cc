package report

import (
	"math"
	"slices"
)

// Latency is how long a step took, in milliseconds.
type Latency struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

func summarize(ms []float64) Latency {
	slices.Sort(ms)
	return Latency{len(ms), percentile(ms, 50), percentile(ms, 99), percentile(ms, 100)}
}

// percentile gives the least of sorted values that at least p percent of them do not exceed (nearest rank).
func percentile(sorted []float64, p float64) float64 {
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return math.Round(sorted[max(rank, 1)-1]*10) / 10
}
