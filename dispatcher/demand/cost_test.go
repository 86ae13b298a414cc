package demand

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"bowecho/internal/event"
)

// sky makes the features of an order in weather of some strength, from 0 (clear) to 1 (a line of storms), with areas that
// do not all go alike.
func sky(strength float64, r *rand.Rand) event.Features {
	area := func(most, power float64) float64 {
		return most * math.Pow(strength, power) * math.Exp(0.3*r.NormFloat64())
	}
	w := event.Summary{Gates: 1_250_000, EchoFraction: math.Min(1, 0.4*strength*math.Exp(0.2*r.NormFloat64())), Cells: int(area(60, 1.5))}
	for i, most := range []float64{20_000, 6_000, 2_500, 900, 120} {
		w.Above = append(w.Above, event.Above{DBZ: []float64{20, 35, 40, 45, 55}[i], KM2: area(most, 1+float64(i)/3)})
	}
	return event.Features{Inputs: 3 + r.IntN(12), Leads: 31, Weather: w}
}

// weatherOf swings: mostly little, now and then a line of storms.
func weatherOf(r *rand.Rand) float64 { return math.Pow(r.Float64(), 4) }

// laws are what orders may take. Each swings by 200 times and more between clear weather and a line of storms.
var laws = map[string]func(event.Features) float64{
	"grows with cores":        func(f event.Features) float64 { return 0.2 + f.Weather.KM2Above(40)/50 },
	"grows with all rain":     func(f event.Features) float64 { return 0.1 + f.Weather.KM2Above(20)/500 },
	"grows with cells":        func(f event.Features) float64 { return 0.1 + 0.5*float64(f.Weather.Cells) },
	"grows faster than cores": func(f event.Features) float64 { return 0.3 + math.Pow(f.Weather.KM2Above(40)/100, 1.5)/2 },
	"gates, inputs and echo":  func(f event.Features) float64 { return 0.05*float64(f.Inputs) + 60*f.Weather.EchoFraction },
	"always the same":         func(event.Features) float64 { return 4 },
}

func TestCostIsPredictedFromTheWeather(t *testing.T) {
	for name, law := range laws {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 7))
			var c Cost
			off, worst, within, orders := 0.0, 0.0, 0, 0
			total, predicted := 0.0, 0.0
			for i := range 2000 {
				f := sky(weatherOf(r), r)
				seconds := law(f) * math.Exp(0.15*r.NormFloat64())
				if i >= 200 {
					guess := c.Predict(f)
					total, predicted, orders = total+seconds, predicted+guess, orders+1
					off += math.Abs(guess - seconds)
					worst = max(worst, math.Abs(guess-seconds)/(c.Sigma(f)+1e-9))
					if math.Abs(guess-seconds) < 2*c.Sigma(f) {
						within++
					}
				}
				c.Learn(f, seconds, false)
			}
			if off/total > 0.25 || math.Abs(predicted/total-1) > 0.05 {
				t.Errorf("off by %.0f %% of all seconds, in sum by %+.1f %%; want 25 at most and 5", 100*off/total, 100*(predicted/total-1))
			}
			if share := float64(within) / float64(orders); share < 0.85 {
				t.Errorf("%.0f %% of orders lie within two sigma, want 85 at least", 100*share)
			}
			t.Logf("off by %.1f %% of all seconds, in sum by %+.1f %%", 100*off/total, 100*(predicted/total-1))
		})
	}
}

// TestWhatIsKnownOfStormsOutlastsDrizzle learns a storm, then a week of drizzle, and asks for the storm.
func TestWhatIsKnownOfStormsOutlastsDrizzle(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	law := laws["grows with cores"]
	var c Cost
	learn := func(orders int, strength func() float64) {
		for range orders {
			f := sky(strength(), r)
			c.Learn(f, law(f)*math.Exp(0.15*r.NormFloat64()), false)
		}
	}
	learn(300, r.Float64)
	learn(10_000, func() float64 { return 0.15 * r.Float64() })
	off, total := 0.0, 0.0
	for range 100 {
		f := sky(0.5+r.Float64()/2, r)
		off, total = off+c.Predict(f)-law(f), total+law(f)
	}
	if share := off / total; math.Abs(share) > 0.25 {
		t.Errorf("after a week of drizzle storms are predicted %+.0f %% off, want within 25", 100*share)
	}
}

func TestOddOnesDoNotMislead(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	law := laws["gates, inputs and echo"]
	var c Cost
	f := sky(0.3, r)
	c.Learn(f, 40*law(f), true) // a worker's first
	for i := range 300 {
		f := sky(weatherOf(r), r)
		seconds := law(f) * math.Exp(0.1*r.NormFloat64())
		if i%25 == 24 {
			seconds *= 30 // a machine that swaps
		}
		c.Learn(f, seconds, false)
		if got := c.Predict(f); i > 15 && i < 24 && (got > 2*law(f) || got < law(f)/2) {
			t.Errorf("order %d: %.2f s, want about %.2f whatever the first one took", i, got, law(f))
		}
	}
	off, total := 0.0, 0.0
	for range 100 {
		f := sky(r.Float64(), r)
		off, total = off+c.Predict(f)-law(f), total+law(f)
	}
	if share := off / total; math.Abs(share) > 0.3 {
		t.Errorf("with one order in 25 of 30 times its cost, predictions are %+.0f %% off, want within 30", 100*share)
	}
}

func TestAFasterMachineIsNoticed(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	law := laws["grows with all rain"]
	var c Cost
	for i := range 600 {
		f, slow := sky(r.Float64(), r), 3.0
		if i >= 300 {
			slow = 1
		}
		c.Learn(f, slow*law(f)*math.Exp(0.1*r.NormFloat64()), false)
	}
	f := sky(0.8, r)
	if got := c.Predict(f); math.Abs(got/law(f)-1) > 0.3 {
		t.Errorf("%.1f s after 300 orders on the faster machine, want about %.1f", got, law(f))
	}
}

func TestCostBeforeAndOutsideOfWhatIsKnown(t *testing.T) {
	var c Cost
	if c.Predict(event.Features{}) != usualSeconds || c.Sigma(event.Features{}) != usualSeconds {
		t.Errorf("before anything: %g ± %g", c.Predict(event.Features{}), c.Sigma(event.Features{}))
	}
	for _, wrong := range []float64{-1, math.NaN(), math.Inf(1), 1e9} {
		if c.Learn(event.Features{}, wrong, false); c.Orders != 0 {
			t.Errorf("%g seconds were learnt", wrong)
		}
	}
	r := rand.New(rand.NewPCG(8, 9))
	calm := func() event.Features { return sky(0.1*r.Float64(), r) }
	for range 200 {
		f := calm()
		c.Learn(f, laws["grows with cores"](f), false)
	}
	storm := sky(1, r)
	if sure, unsure := c.Sigma(calm())/c.Predict(calm()), c.Sigma(storm)/c.Predict(storm); !(unsure > sure) {
		t.Errorf("sigma is %.2f of the seconds in weather as always, and %.2f in a first storm; want more", sure, unsure)
	}
	for range 5000 {
		f := sky(r.Float64(), r)
		c.Learn(f, 10*r.Float64(), r.IntN(2) == 0)
		if got := c.Predict(sky(r.Float64(), r)); !(got >= 0 && got < 1e4) {
			t.Fatalf("%g seconds predicted", got)
		}
	}
}

func TestCostIsStoredAndReadBack(t *testing.T) {
	var old, c, again Cost
	if err := json.Unmarshal([]byte(`{"seconds": 7, "orders": 40}`), &old); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	f := sky(0.2, r)
	if got := old.Predict(f); got != 7 {
		t.Errorf("what was stored before there were features predicts %g s, want 7", got)
	}
	for range 30 {
		f := sky(0.2, r)
		old.Learn(f, 3, false)
	}
	if got := old.Predict(f); math.Abs(got-3) > 0.3 {
		t.Errorf("after thirty orders of 3 s: %g s", got)
	}
	for range 100 {
		f := sky(r.Float64(), r)
		c.Learn(f, laws["grows with cells"](f), false)
	}
	data, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(data, &again)
	}
	if err != nil || again.Predict(f) != c.Predict(f) || again.Sigma(f) != c.Sigma(f) {
		t.Errorf("read back it predicts %g s, want %g (%v)", again.Predict(f), c.Predict(f), err)
	}
}

func BenchmarkCost(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var c Cost
	f := sky(0.5, r)
	for b.Loop() {
		c.Learn(f, 3+c.Predict(f)/100, false)
	}
}
