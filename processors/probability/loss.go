package probability

import "math"

// Loss is how fast a nowcast loses touch with the truth.
type Loss struct {
	SpreadKMPerMin float64 // how fast errors of place grow in the first ten minutes, as a standard deviation along each axis
	NoiseDBPerMin  float64 // how fast errors of strength grow, as a standard deviation
}

// Prior is the loss where nothing has been learnt: between that of composites of many radars and that of a single one.
func Prior() Loss { return Loss{SpreadKMPerMin: 0.2, NoiseDBPerMin: 0.12} }

// Fitted to the Brier scores of convective and stratiform sequences, where the optimum is flat.
const (
	spreadPower  = 0.9 // errors of place grow a little slower than lead time
	firstNoiseDB = 1.0 // strength is uncertain by this as soon as time passes,
	mostNoiseDB  = 7.0 // and in the end as uncertain as reflectivity within rain
)

// spreadKM gives the standard deviation of place along each axis.
func (l Loss) spreadKM(leadMin float64) float64 {
	return l.SpreadKMPerMin * 10 * math.Pow(leadMin/10, spreadPower)
}

// noiseDB gives the standard deviation of strength, none at lead 0.
func (l Loss) noiseDB(leadMin float64) float64 {
	if leadMin == 0 {
		return 0
	}
	return min(firstNoiseDB+l.NoiseDBPerMin*leadMin, mostNoiseDB)
}
