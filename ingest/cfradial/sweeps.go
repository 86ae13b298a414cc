package cfradial

import (
	"errors"
	"fmt"
	"strings"

	"bowecho/internal/radar"
)

// span is a sweep's first and last ray.
type span struct{ first, last int }

func (s span) rays() int { return s.last - s.first + 1 }

// readSweeps cuts the rays into sweeps. A file without indices is one sweep.
func (v *volume) readSweeps() error {
	firsts, errFirst := unpacked(v.file, "sweep_start_ray_index")
	lasts, errLast := unpacked(v.file, "sweep_end_ray_index")
	if errFirst != nil || errLast != nil || len(firsts) == 0 {
		firsts, lasts = []float64{0}, []float64{float64(len(v.rays) - 1)}
	}
	if len(firsts) != len(lasts) || len(firsts) > len(v.rays) {
		return fmt.Errorf("%d sweeps start and %d end in %d rays", len(firsts), len(lasts), len(v.rays))
	}
	fixed, _ := unpacked(v.file, "fixed_angle")
	modes, _ := v.file.texts("sweep_mode")
	total := 0
	for i := range firsts {
		if !(firsts[i] >= 0 && firsts[i] <= lasts[i] && lasts[i] < float64(len(v.rays))) {
			v.scan.Flaws = append(v.scan.Flaws, fmt.Sprintf("sweep %d is said to hold rays %g to %g of %d; it is left out", i, firsts[i], lasts[i], len(v.rays)))
			continue
		}
		s := span{int(firsts[i]), int(lasts[i])}
		if total += s.rays(); total > len(v.rays) {
			return fmt.Errorf("sweeps overlap: up to sweep %d they hold %d rays of %d", i, total, len(v.rays))
		}
		v.addSweep(s, at(fixed, i), at(modes, i))
	}
	if len(v.sweeps) == 0 {
		return errors.New("no sweep can be used: " + strings.Join(v.scan.Flaws, "; "))
	}
	v.readNyquist()
	return nil
}

// at gives an element, nil where the list is too short.
func at[T any](list []T, i int) *T {
	if i >= len(list) {
		return nil
	}
	return &list[i]
}

func (v *volume) addSweep(s span, fixed *float64, mode *string) {
	sweep := radar.Sweep{Start: v.times[s.first], Rays: v.rays[s.first : s.last+1 : s.last+1]}
	if mode != nil {
		name := strings.ToLower(*mode)
		sweep.Vertical = strings.Contains(name, "rhi") || name == "elevation_surveillance"
	}
	if fixed != nil && *fixed >= -360 && *fixed <= 360 {
		sweep.ElevationDeg = *fixed
	} else {
		for _, r := range sweep.Rays { // a mean: a file without fixed angles seldom holds vertical cuts through north
			angle := r.ElevationDeg
			if sweep.Vertical {
				angle = r.AzimuthDeg
			}
			sweep.ElevationDeg += float64(angle) / float64(len(sweep.Rays))
		}
	}
	v.sweeps = append(v.sweeps, s)
	v.scan.Sweeps = append(v.scan.Sweeps, sweep)
}

// readNyquist takes the first ray's of each sweep that is told.
func (v *volume) readNyquist() {
	perRay := v.perRay("nyquist_velocity")
	if perRay == nil {
		return
	}
	for i, s := range v.sweeps {
		for _, n := range perRay[s.first : s.last+1] {
			if n > 0 && n < 1000 {
				v.scan.Sweeps[i].NyquistMS = n
				break
			}
		}
	}
}
