package simulated

import "math"

// noise is a seed from which texture follows.
type noise uint64

// texture gives a smooth, irregular value between -1 and 1 at a place in kilometres, with detail down to 600 m.
func (n noise) texture(x, y float64) float64 {
	return 0.45*n.smooth(x/6, y/6) + 0.3*n.smooth(x/2.6+31, y/2.6+17) +
		0.17*n.smooth(x/1.2+57, y/1.2+91) + 0.08*n.smooth(x/0.6+13, y/0.6+71)
}

// warp is by how much the shapes at a place are pushed aside, between -1 and 1 each way: far by what is wide, a little
// by what is narrow.
type warp struct{ wideX, wideY, narrowX, narrowY float64 }

func (n noise) warp(x, y float64) warp {
	return warp{
		n.smooth(x/15+203, y/15+5), n.smooth(x/15+7, y/15+307),
		n.smooth(x/4.5+401, y/4.5+11), n.smooth(x/4.5+19, y/4.5+503),
	}
}

// smooth interpolates values that hang on whole numbers.
func (n noise) smooth(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	tx, ty := ease(x-fx), ease(y-fy)
	i, j := int64(fx), int64(fy)
	top := n.at(i, j) + tx*(n.at(i+1, j)-n.at(i, j))
	bottom := n.at(i, j+1) + tx*(n.at(i+1, j+1)-n.at(i, j+1))
	return top + ty*(bottom-top)
}

func ease(t float64) float64 { return t * t * (3 - 2*t) }

// at gives a value between -1 and 1 that hangs on two whole numbers and the seed.
func (n noise) at(i, j int64) float64 {
	h := uint64(n) ^ uint64(i)*0x9E3779B97F4A7C15 ^ uint64(j)*0xC2B2AE3D27D4EB4F
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	h ^= h >> 32
	return float64(h>>11)/(1<<52) - 1
}
