package mosaic

import "math"

// calm says where a sweep looked and found nothing around, so that no sums need to be looked up, nor kept. It is told by
// blocks of windows along a ray, and by sectors of azimuth, each with a neighbour at either side.
type calm struct {
	words   int // of 64 blocks
	rays    []uint64
	sectors []uint64
	fromM   float32 // nearer to the radar windows reach beyond a neighbour
}

// calmGates is how many windows are a block, calmDeg how wide a sector is.
const (
	calmGates = 8
	calmDeg   = 1
)

// newCalm is for windows that end before so many gates.
func newCalm(rays, gates int) calm {
	words := gates/(64*calmGates) + 1
	return calm{words: words, rays: make([]uint64, rays*words), fromM: float32(math.Inf(1))}
}

// ray gives the blocks of a ray.
func (c *calm) ray(i int) []uint64 { return c.rays[i*c.words : (i+1)*c.words] }

// at tells whether windows that end with a gate or the next are calm around an azimuth, 0° to 360°.
func (c *calm) at(azimuthDeg float32, gate int) bool {
	block := gate / calmGates
	at := uint(int(azimuthDeg*(1.0/calmDeg))*c.words + block/64)
	return at < uint(len(c.sectors)) && c.sectors[at]>>(block%64)&1 != 0
}

// join makes sectors of rays: a sector is calm where all rays are that reach into it or a neighbour, and none is missing.
// It is asked for places from fromM on.
func (c *calm) join(f *fan, fromM float32) {
	c.fromM = fromM
	c.sectors = make([]uint64, 360/calmDeg*c.words)
	for i := range 360 / calmDeg {
		low, high := float32((i-1)*calmDeg), float32((i+2)*calmDeg)
		blocks := c.sectors[i*c.words : (i+1)*c.words]
		for k := range blocks {
			blocks[k] = math.MaxUint64
		}
		seen := low // up to here
		for _, s := range f.from(low) {
			if s.beginDeg > seen || s.beginDeg >= high {
				break
			}
			seen = max(seen, s.endDeg)
			for k, b := range c.ray(int(s.ray)) {
				blocks[k] &= b
			}
		}
		if seen < high {
			clear(blocks)
		}
	}
}
