package simulate

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"
)

// chance gives a source of chance of its own for whatever is named.
func chance(seed uint64, names ...string) *rand.Rand {
	h := fnv.New64a()
	for _, name := range names {
		_, _ = h.Write([]byte(name)) // which never fails
		_, _ = h.Write([]byte{0})
	}
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// around gives a factor that scatters around 1, with the sigma of its logarithm. Its mean is 1.
func around(r *rand.Rand, sigma float64) float64 {
	return math.Exp(sigma*r.NormFloat64() - sigma*sigma/2)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
