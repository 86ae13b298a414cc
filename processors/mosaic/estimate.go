package mosaic

import (
	"fmt"
	"math"
	"slices"
	"time"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
	"bowecho/processors/motion"
)

// motionCellKM is how wide the cells are on which motion is looked for: it is smoother than that.
const motionCellKM = 1

// MotionOf gives the motion of echo between earlier scans and scans, as Make takes it, or nil where no radar shows any.
// Each radar is compared with itself only, since radars do not look at the same time, and by its lowest beam.
func MotionOf(scans, earlier []*radar.Scan, d grid.Domain, cfg Config) (*motion.Field, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	heightKM, _ := d.CellKM(d.Rows / 2)
	times := min(max(1, int(math.Round(motionCellKM/heightKM))), d.Rows, d.Cols)
	coarse := d
	coarse.Rows, coarse.Cols = d.Rows/times, d.Cols/times
	coarse.LatSpacingDeg, coarse.LonSpacingDeg = d.LatSpacingDeg*float64(times), d.LonSpacingDeg*float64(times)
	cfg.Heights = Lowest
	sum := motion.Still(coarse.Rows, coarse.Cols)
	for _, name := range names(earlier) {
		f, err := motionOfRadar(of(name, scans), of(name, earlier), coarse, cfg)
		if err != nil {
			return nil, fmt.Errorf("motion as %s sees it: %w", name, err)
		}
		if f != nil {
			add(sum, f)
		}
	}
	if !sum.Tracked() {
		return nil, nil
	}
	share(sum)
	return finer(sum, d, times), nil
}

// motionOfRadar gives nil where a radar has not looked twice, or shows nothing that moves.
func motionOfRadar(scans, earlier []*radar.Scan, d grid.Domain, cfg Config) (*motion.Field, error) {
	if len(scans) == 0 || len(earlier) == 0 {
		return nil, nil
	}
	var frames []*grid.Field
	var minutes []float64
	var begin time.Time
	for i, list := range [][]*radar.Scan{earlier, scans} {
		m, err := Make(list, d, list[len(list)-1].End, cfg, nil)
		if err != nil || len(m.Radars) == 0 {
			return nil, err
		}
		if i == 0 {
			begin = m.Radars[0].Time
		}
		frames, minutes = append(frames, m.DBZ), append(minutes, m.Radars[0].Time.Sub(begin).Minutes())
	}
	if !(minutes[1] > minutes[0]) {
		return nil, nil
	}
	f, err := motion.Estimate(frames, minutes, d.CellSizeM(), motion.DefaultConfig())
	if err != nil || !f.Tracked() {
		return nil, err
	}
	return f, nil
}

func names(scans []*radar.Scan) (list []string) {
	for _, s := range scans {
		list = append(list, s.Site.Name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func of(name string, scans []*radar.Scan) []*radar.Scan {
	return slices.DeleteFunc(slices.Clone(scans), func(s *radar.Scan) bool { return s.Site.Name != name })
}

// leastShare is what a radar's motion counts for where it is that of the surroundings only.
const leastShare = 1e-3

// add sums motion, weighted by how much of it was seen.
func add(sum, f *motion.Field) {
	for i, quality := range f.Quality {
		w := max(quality, leastShare)
		sum.U[i] += w * f.U[i]
		sum.V[i] += w * f.V[i]
		sum.Quality[i] += w
	}
}

// share makes weighted means of sums.
func share(sum *motion.Field) {
	for i, w := range sum.Quality {
		if w > 0 {
			sum.U[i] /= w
			sum.V[i] /= w
		}
		sum.Quality[i] = min(w, 1)
	}
}

// finer brings motion to a domain whose cells are so many times narrower.
func finer(f *motion.Field, d grid.Domain, times int) *motion.Field {
	out := motion.Still(d.Rows, d.Cols)
	for r := range d.Rows {
		for c := range d.Cols { // what is left over at the edges goes with the last coarse cells
			to, from := r*d.Cols+c, min(r/times, f.Rows-1)*f.Cols+min(c/times, f.Cols-1)
			out.U[to], out.V[to], out.Quality[to] = f.U[from]*float32(times), f.V[from]*float32(times), f.Quality[from]
		}
	}
	return out
}
