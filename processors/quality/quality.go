package quality

import (
	"bowecho/internal/radar"
)

// flags is the moment in which decoders hand on a radar's own marks.
const flags = "FLAGS"

// Moments is what Clean looks at.
var Moments = []string{radar.DBZH, radar.RHOHV, radar.SNRH, flags}

// Clean gives a scan that holds reflectivity only, and only where it is weather. What is not weather becomes below
// threshold, since the radar looked; gates that are never usable become no data. The scan itself is not changed.
func Clean(scan *radar.Scan, p Profile) *radar.Scan {
	out := *scan
	out.Sweeps = nil
	for i := range scan.Sweeps {
		sweep := &scan.Sweeps[i]
		z := sweep.Moment(radar.DBZH)
		if z == nil {
			continue
		}
		clean := *sweep
		clean.Moments = []radar.Moment{*z}
		clean.Moments[0].Values = speckleless(p.judge(sweep, z), len(sweep.Rays), z.Gates.Count, p.SpeckleGates)
		out.Sweeps = append(out.Sweeps, clean)
	}
	return &out
}

// judge gives the reflectivity of a sweep, gate by gate weather or not.
func (p Profile) judge(sweep *radar.Sweep, z *radar.Moment) []float32 {
	snr, rho, flag := sweep.Moment(radar.SNRH).ValuesOn(z.Gates), sweep.Moment(radar.RHOHV).ValuesOn(z.Gates), sweep.Moment(flags).ValuesOn(z.Gates)
	if !usableSNR(snr) {
		snr = nil
	}
	values := make([]float32, len(z.Values))
	for i, v := range z.Values {
		switch radar.StatusOf(v) {
		case radar.Valid:
			if p.weather(snr, rho, flag, i) {
				values[i] = v
			} else {
				values[i] = radar.BelowThresholdValue
			}
		case radar.NoData:
			values[i] = radar.NoDataValue
			if p.MissingIsNoEcho {
				values[i] = radar.BelowThresholdValue
			}
		case radar.RangeFolded:
			values[i] = radar.NoDataValue // an echo, but nobody knows where
		default:
			values[i] = v
		}
	}
	for ray := range sweep.Rays {
		for gate := range min(p.FirstGates, z.Gates.Count) {
			values[ray*z.Gates.Count+gate] = radar.NoDataValue
		}
	}
	return values
}

func (p Profile) weather(snr, rho, flag []float32, i int) bool {
	if snr != nil && radar.StatusOf(snr[i]) == radar.Valid && float64(snr[i]) < p.MinSNRDB {
		return false
	}
	if rho != nil && radar.StatusOf(rho[i]) == radar.Valid && float64(rho[i]) < p.MinCorrelation {
		return false
	}
	return flag == nil || p.BadFlag == 0 || flag[i] != p.BadFlag
}

// usableSNR tells whether a signal-to-noise ratio was measured: a constant one is a placeholder.
func usableSNR(values []float32) bool {
	first, found := float32(0), false
	for _, v := range values {
		if radar.StatusOf(v) != radar.Valid {
			continue
		}
		if found && v != first {
			return true
		}
		first, found = v, true
	}
	return false
}

// speckleless gives the values without echoes that stand nearly alone: fewer valid ones than least among the fourteen
// around them, two gates and a ray to each side. Rays follow each other round the turn.
func speckleless(values []float32, rays, gates, least int) []float32 {
	along := make([]uint8, len(values)) // valid gates within two of each, itself included
	for ray := range rays {
		countAlong(values[ray*gates:(ray+1)*gates], along[ray*gates:(ray+1)*gates])
	}
	out := make([]float32, len(values))
	copy(out, values)
	for ray := range rays {
		before, here, after := (ray+rays-1)%rays*gates, ray*gates, (ray+1)%rays*gates
		for g := range gates {
			if i := here + g; radar.StatusOf(values[i]) == radar.Valid &&
				int(along[before+g])+int(along[i])+int(along[after+g])-1 < least {
				out[i] = radar.BelowThresholdValue
			}
		}
	}
	return out
}

// countAlong counts, for each gate of a ray, the valid ones within two gates.
func countAlong(ray []float32, counts []uint8) {
	valid := func(g int) uint8 {
		if g >= 0 && g < len(ray) && radar.StatusOf(ray[g]) == radar.Valid {
			return 1
		}
		return 0
	}
	var sum uint8
	for g := range 2 {
		sum += valid(g)
	}
	for g := range ray {
		sum += valid(g + 2)
		counts[g] = sum
		sum -= valid(g - 2)
	}
}
