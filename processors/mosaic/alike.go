package mosaic

import "math"

// alike says where all gates around have the same part of sums, so that no sums need to be looked up, nor kept. It is told
// by blocks of windows along a ray, and by sectors of azimuth, each with a neighbour at either side.
type alike struct {
	words   int // of 64 blocks
	rays    []uint64
	sectors []uint64
	fromM   float32 // nearer to the radar windows reach beyond a neighbour
}

// blockGates is how many windows are a block, alikeDeg how wide a sector is.
const (
	blockGates = 8
	alikeDeg   = 1
)

// newAlike is for windows that end before so many gates.
func newAlike(rays, gates int) alike {
	words := gates/(64*blockGates) + 1
	return alike{words: words, rays: make([]uint64, rays*words), fromM: float32(math.Inf(1))}
}

// ray gives the blocks of a ray.
func (a *alike) ray(i int) []uint64 { return a.rays[i*a.words : (i+1)*a.words] }

// on tells whether a block of a ray is.
func (a *alike) on(ray int, block uint) bool {
	return a.rays[ray*a.words+int(block/64)]>>(block%64)&1 != 0
}

// at tells whether windows that end with a gate or the next are alike around an azimuth, 0° to 360°.
func (a *alike) at(azimuthDeg float32, gate int) bool {
	block := uint(gate) / blockGates
	at := uint(int(azimuthDeg*(1.0/alikeDeg))*a.words) + block/64
	return at < uint(len(a.sectors)) && a.sectors[at]>>(block%64)&1 != 0
}

// join makes sectors of rays: a sector is alike where all rays are that reach into it or a neighbour, and none is missing.
// It is asked for places from fromM on.
func (a *alike) join(f *fan, fromM float32) {
	a.fromM = fromM
	a.sectors = make([]uint64, 360/alikeDeg*a.words)
	for i := range 360 / alikeDeg {
		low, high := float32((i-1)*alikeDeg), float32((i+2)*alikeDeg)
		blocks := a.sectors[i*a.words : (i+1)*a.words]
		for k := range blocks {
			blocks[k] = math.MaxUint64
		}
		seen := low // up to here
		for _, s := range f.from(low) {
			if s.beginDeg > seen || s.beginDeg >= high {
				break
			}
			seen = max(seen, s.endDeg)
			for k, b := range a.ray(int(s.ray)) {
				blocks[k] &= b
			}
		}
		if seen < high {
			clear(blocks)
		}
	}
}
