package nowcast

import (
	"math"
	"testing"

	"bowecho/internal/grid"
	"bowecho/processors/motion"
)

// grown is two storms alike in the latest frame, of which one has grown by so many dB in 5 minutes and one has decayed.
func grown(dB, u float64) (frames []*grid.Field, m *motion.Field) {
	const rows, cols = 160, 240
	for _, minute := range []float64{0, 5} {
		f := grid.NewField(rows, cols)
		shift := u * (5 - minute)
		left := gaussian(rows, cols, 80, 80-shift, 9, 45-dB*(5-minute)/5)
		right := gaussian(rows, cols, 80, 160-shift, 9, 45+dB*(5-minute)/5)
		for i := range f.Values {
			f.Values[i] = max(left.Values[i], right.Values[i])
		}
		frames = append(frames, f)
	}
	return frames, moving(rows, cols, steady(u, 0))
}

func forecast(t testing.TB, frames []*grid.Field, minutes []float64, m *motion.Field, lead float64, cfg Config) *grid.Field {
	t.Helper()
	out, err := Extrapolate(frames, minutes, m, 1000, []float64{lead}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

// peak gives the highest value in columns from first to before last.
func peak(f *grid.Field, first, last int) (dBZ float32) {
	for r := range f.Rows {
		for _, v := range f.Row(r)[first:last] {
			dBZ = max(dBZ, v)
		}
	}
	return dBZ
}

func TestGrowthGoesOn(t *testing.T) {
	for name, cfg := range map[string]Config{
		"spreading": DefaultConfig(), "not spreading": {FloorDBZ: 5, GrowthMin: 20},
	} {
		frames, m := grown(6, 0.8)
		got := forecast(t, frames, []float64{0, 5}, m, 10, cfg)
		left, right := peak(got, 0, 128), peak(got, 128, 240)
		if left < right+1 {
			t.Errorf("%s: the storm that grows comes to %g dBZ, the one that decays to %g", name, left, right)
		}
		_, row, col := centre(got)
		if math.Abs(row-80) > 0.5 || col > 128 {
			t.Errorf("%s: the centre is at %.1f, %.1f, want it towards the storm that grows, at 80, 88", name, row, col)
		}
	}
}

func TestMotionAloneIsNoGrowth(t *testing.T) {
	frames, m := grown(0, 1)
	still := DefaultConfig()
	still.GrowthMin = 0
	got, want := forecast(t, frames, []float64{0, 5}, m, 20, DefaultConfig()), forecast(t, frames, []float64{0, 5}, m, 20, still)
	for i, v := range got.Values {
		if math.Abs(float64(max(v, floor)-max(want.Values[i], floor))) > 0.2 {
			t.Fatalf("cell %d is %g with growth, %g without, though nothing grows", i, v, want.Values[i])
		}
	}
}

// The trend slows down: after a long time it has added the true share of what was seen in GrowthMin.
func TestGrowthEnds(t *testing.T) {
	cfg := Config{GrowthMin: 20}
	for lead, want := range map[float64]float64{0: 0, 1: 0.6828, 20: 8.8497, 1000: 14} {
		if got := cfg.lasting(lead); math.Abs(got-want) > 1e-3 {
			t.Errorf("after %g minutes the trend has lasted %g, want %g", lead, got, want)
		}
	}
}

func TestFrameThatGrowthIsSeenFrom(t *testing.T) {
	tests := map[string]struct {
		minutes []float64
		ageMin  float64 // 0: none
	}{
		"one frame":         {[]float64{0}, 0},
		"each minute":       {[]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 6},
		"every five":        {[]float64{0, 5, 10}, 5},
		"every ten":         {[]float64{0, 10, 20}, 10},
		"an hour's gap":     {[]float64{0, 60}, 0},
		"a gap, then a new": {[]float64{0, 60, 62}, 2},
	}
	for name, test := range tests {
		s := sequence{minutes: test.minutes}
		for range test.minutes {
			s.frames = append(s.frames, grid.NewField(1, 1))
		}
		if frame, age := s.before(); age != test.ageMin || (frame == nil) != (test.ageMin == 0) {
			t.Errorf("%s: from a frame %g minutes old, want %g", name, age, test.ageMin)
		}
	}
}

// Where an earlier frame was not observed, or nothing is left of it, there is no growth, and the product is whole.
func TestGrowthFromUnlikeFrames(t *testing.T) {
	full, m := grown(0, 0)
	empty, unseen, constant := grid.NewField(160, 240), grid.NewField(160, 240), grid.NewField(160, 240)
	for i := range empty.Values {
		empty.Values[i], constant.Values[i] = grid.NoEchoDBZ, 30
	}
	for name, frames := range map[string][]*grid.Field{
		"appearing": {empty, full[1]}, "vanishing": {full[1], empty}, "unseen before": {unseen, full[1]},
		"unseen now": {full[1], unseen}, "constant": {constant, constant}, "empty": {empty, empty},
	} {
		got := forecast(t, frames, []float64{0, 5}, m, 15, DefaultConfig())
		for i, v := range got.Values {
			if was := frames[1].Values[i]; (v != v) != (was != was) || name == "vanishing" && v > floor {
				t.Errorf("%s: cell %d is %g, and was %g", name, i, v, was)
				break
			}
		}
	}
}
