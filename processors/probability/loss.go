package probability

import "math"

// Loss is how fast a nowcast loses touch with the truth.
type Loss struct {
	SpreadKMPerMin float64   // how fast displacement errors grow
	GrowthPerMin   []float64 // the trend of the area above each threshold: its logarithm's rise a minute
}

// Prior is the loss where nothing has been learnt: the middle of what composites and single radars show, and no trend.
func Prior(cfg Config) Loss {
	return Loss{SpreadKMPerMin: priorSpread, GrowthPerMin: make([]float64, len(cfg.ThresholdsDBZ))}
}

// Fitted to the Brier scores of convective and stratiform sequences.
const (
	priorSpread  = 0.2 // km a minute
	firstNoiseDB = 1.0 // strength is uncertain by this as soon as time passes,
	noisePerMin  = 0.2 // by so much more each minute,
	mostNoiseDB  = 7.0 // and in the end as uncertain as reflectivity within rain
	trendMin     = 10  // a trend fades within so many minutes
)

// spreadKM gives the standard deviation of displacement along each axis.
func (l Loss) spreadKM(leadMin float64) float64 { return l.SpreadKMPerMin * leadMin }

// noiseDB gives the standard deviation of strength, none at lead 0.
func noiseDB(leadMin float64) float64 {
	if leadMin == 0 {
		return 0
	}
	return min(firstNoiseDB+noisePerMin*leadMin, mostNoiseDB)
}

// growth gives by what factor the area above a threshold is expected to have changed.
func (l Loss) growth(threshold int, leadMin float64) float64 {
	return math.Exp(l.GrowthPerMin[threshold] * trendMin * (1 - math.Exp(-leadMin/trendMin)))
}
