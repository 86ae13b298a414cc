package mosaic

import (
	"cmp"
	"math"
	"slices"

	"bowecho/internal/radar"
)

// fan is the sectors that the rays of a sweep cover, over three turns from -360°, so that no window crosses its ends.
// The last begins beyond all windows.
type fan struct {
	sectors []sector // by where they end
	first   []int32  // the first sector that ends beyond a fanStepDeg
	halfDeg float32  // half the usual angle between rays
}

const fanStepDeg = 0.25

// sector is the angle that a ray speaks for.
type sector struct {
	beginDeg, endDeg float32
	ray              int32
}

// mostSpacing is how far a ray reaches at most, in usual angles between rays: a missing sector stays unobserved.
const mostSpacing = 0.75

// newFan gives each ray the angle up to half the way to its neighbours.
func newFan(rays []radar.Ray) (f fan) {
	turn := sorted(rays)
	usual := usualSpacingDeg(turn)
	f.halfDeg = float32(usual / 2)
	n := len(turn)
	f.sectors = make([]sector, 0, 3*n+1)
	for i := range 3 * n {
		at := turn[i%n].azimuthDeg + float64(i/n-1)*360
		before := turn[(i+n-1)%n].azimuthDeg + float64((i+n-1)/n-2)*360
		after := turn[(i+1)%n].azimuthDeg + float64((i+1)/n-1)*360
		f.sectors = append(f.sectors, sector{
			float32(math.Max((before+at)/2, at-mostSpacing*usual)), float32(math.Min((at+after)/2, at+mostSpacing*usual)), int32(turn[i%n].ray),
		})
	}
	never := float32(math.Inf(1))
	f.sectors = append(f.sectors, sector{beginDeg: never, endDeg: never})
	f.first = make([]int32, int(1080/fanStepDeg))
	for i, k := range f.first {
		for k = f.first[max(0, i-1)]; f.sectors[k].endDeg <= float32(i)*fanStepDeg-360; {
			k++
		}
		f.first[i] = k
	}
	return f
}

// from gives the sectors from the first that may reach beyond an azimuth, -180° to 540°.
func (f *fan) from(azimuthDeg float32) []sector { return f.sectors[f.at(azimuthDeg):] }

// at gives the number of that sector.
func (f *fan) at(azimuthDeg float32) int {
	i := int((azimuthDeg + 360) * (1 / fanStepDeg))
	if i < 0 || i >= len(f.first) {
		return len(f.sectors) - 1
	}
	return int(f.first[i])
}

// pointed is a ray and where it points, 0° to 360°.
type pointed struct {
	azimuthDeg float64
	ray        int
}

func sorted(rays []radar.Ray) []pointed {
	turn := make([]pointed, 0, len(rays))
	for i, r := range rays {
		azimuth := math.Mod(float64(r.AzimuthDeg)+720, 360)
		if azimuth >= 0 {
			turn = append(turn, pointed{azimuth, i})
		}
	}
	slices.SortFunc(turn, func(a, b pointed) int {
		return cmp.Or(cmp.Compare(a.azimuthDeg, b.azimuthDeg), a.ray-b.ray)
	})
	return turn
}

// usualSpacingDeg gives the median angle between neighbouring rays, 1° for a single one.
func usualSpacingDeg(turn []pointed) float64 {
	gaps := make([]float64, 0, len(turn))
	for i := 1; i < len(turn); i++ {
		if gap := turn[i].azimuthDeg - turn[i-1].azimuthDeg; gap > 1e-3 {
			gaps = append(gaps, gap)
		}
	}
	if len(gaps) == 0 {
		return 1
	}
	slices.Sort(gaps)
	return min(gaps[len(gaps)/2], 5)
}
