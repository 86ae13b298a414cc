package quality

import (
	"math"

	"bowecho/internal/radar"
)

// nearDeg is how far the ray of another sweep may point away and still see the same echo.
const nearDeg = 1.0

// perDegree is how finely azimuths are looked up.
const perDegree = 4

// nearestRays gives for each ray the index of the other's nearest in azimuth, -1 where none is within nearDeg.
func nearestRays(rays, others []radar.Ray) []int32 {
	var buckets [360 * perDegree][]int32
	for i, r := range others {
		b := bucket(r.AzimuthDeg)
		buckets[b] = append(buckets[b], int32(i))
	}
	nearest := make([]int32, len(rays))
	for i, r := range rays {
		nearest[i] = -1
		best := nearDeg
		for k := -perDegree; k <= perDegree; k++ {
			for _, j := range buckets[(bucket(r.AzimuthDeg)+k+len(buckets))%len(buckets)] {
				if off := math.Abs(math.Remainder(float64(r.AzimuthDeg-others[j].AzimuthDeg), 360)); off < best {
					best, nearest[i] = off, j
				}
			}
		}
	}
	return nearest
}

func bucket(azimuthDeg float32) int {
	turn := math.Mod(float64(azimuthDeg), 360)
	if turn != turn {
		return 0
	}
	return int((turn+360)*perDegree) % (360 * perDegree)
}
