package mosaic

import (
	"math"
	"testing"
	"time"

	"bowecho/internal/radar"
)

// trusted gives a scan whose gates are all to be trusted so far.
func trusted(s *radar.Scan, share float32) *radar.Scan {
	z := s.Sweeps[0].Moments[0]
	index := radar.Moment{Name: radar.QIND, Gates: z.Gates, Values: make([]float32, len(z.Values))}
	fill(index.Values, share)
	s.Sweeps[0].Moments = append(s.Sweeps[0].Moments, index)
	return s
}

// TestWeighted has two radars see a place between them as 30 and 50 dBZ. By hand: exp(-d²) is the same of both; a minute
// counts exp(-60/300) = 0.819; a quality index of 0.25 as much as that.
func TestWeighted(t *testing.T) {
	now := time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)
	other := addison
	other.Name, other.LatitudeDeg = "other.tx", addison.LatitudeDeg+0.2
	low := func() *radar.Scan { return sweep(addison, 2, constant(30)) }
	high := func() *radar.Scan { return sweep(other, 2, constant(50)) }
	old := high()
	cfg := DefaultConfig()
	cfg.Combine = Weighted
	row, col := dfw.Cell(addison.LatitudeDeg+0.1, addison.LongitudeDeg)
	for name, c := range map[string]struct {
		low, high *radar.Scan
		ageS      time.Duration
		want      float64
	}{
		"alike":          {low(), high(), 0, 40},
		"one older":      {low(), old, time.Minute, (30 + 50*0.8187) / 1.8187},
		"one restored":   {trusted(low(), 0.25), high(), 0, (30*0.25 + 50) / 1.25},
		"both restored":  {trusted(low(), 0.25), trusted(high(), 0.25), 0, 40},
		"one of no use":  {trusted(low(), 0), high(), 0, 50},
		"no such number": {trusted(low(), nan), trusted(high(), 7), 0, 40},
	} {
		c.low.Start, c.high.Start = now, now.Add(-c.ageS)
		for heights, cappiM := range map[string]float64{Column: 0, CAPPI: 400} {
			cfg.Heights, cfg.CAPPIM = heights, cappiM
			m, err := Make([]*radar.Scan{c.low, c.high}, dfw, now, cfg, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := float64(m.DBZ.At(int(math.Round(row)), int(math.Round(col)))); math.Abs(got-c.want) > 0.1 {
				t.Errorf("%s, %s: %.2f dBZ, want %.2f", name, heights, got, c.want)
			}
		}
	}
}
