package quality

import (
	"math"

	"bowecho/internal/radar"
)

// nearDeg is how far the ray of another sweep may point away and still see the same echo.
const nearDeg = 1.0

// sectors is how many the turn is cut into to look azimuths up; each is nearDeg wide.
const sectors = 360 / nearDeg

// nearestRays gives for each ray the index of the other's nearest in azimuth, -1 where none is within nearDeg.
func nearestRays(rays, others []radar.Ray) []int32 {
	var first [sectors]int32 // of the others in a sector, counted from 1
	next := make([]int32, len(others))
	for i, r := range others {
		s := sector(r.AzimuthDeg)
		next[i], first[s] = first[s], int32(i+1)
	}
	nearest := make([]int32, len(rays))
	for i, r := range rays {
		nearest[i] = -1
		best := nearDeg
		here := sector(r.AzimuthDeg) + sectors
		for _, s := range [3]int{here - 1, here, here + 1} {
			for j := first[s%sectors] - 1; j >= 0; j = next[j] - 1 {
				if off := math.Abs(math.Remainder(float64(r.AzimuthDeg-others[j].AzimuthDeg), 360)); off < best {
					best, nearest[i] = off, j
				}
			}
		}
	}
	return nearest
}

// sector gives in which an azimuth lies; one that is no number in the first.
func sector(azimuthDeg float32) int {
	turn := math.Mod(float64(azimuthDeg), 360)
	if turn != turn {
		return 0
	}
	return int((turn+360)/nearDeg) % sectors
}
