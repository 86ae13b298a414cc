package demand

import (
	"math"

	"bowecho/internal/event"
)

// Cost learns how long an order of a chain takes from what it works on. It may be stored and continued; what was stored
// before there were features has Seconds and Orders only, and counts as a first guess.
//
// The law is a sum of features, each with a share that is not negative. The shares are those with the least squared error
// over all orders so far, where a new order makes the model forget only what it says anew: a week of drizzle leaves what
// is known of storms. Source of the forgetting: Cao and Schwartz 2000, Automatica 36, 1725-1731.
type Cost struct {
	Seconds float64     `json:"seconds"`         // mean of the last orders
	Usual   float64     `json:"usual,omitempty"` // mean of the last predictions
	Pace    float64     `json:"pace,omitempty"`  // of the machines of late: what a second by the law takes
	Orders  int         `json:"orders"`
	Spread  float64     `json:"spread,omitempty"` // of the last orders: how far the seconds lay from the prediction, as a share of it
	Shares  *[n]float64 `json:"shares,omitempty"` // seconds for one of each feature
	Known   *matrix     `json:"known,omitempty"`  // how much is known of the shares: the normal equations, …
	Seen    *[n]float64 `json:"seen,omitempty"`   // … and their right side
}

// n is how many features the law has.
const n = 10

const (
	usualSeconds = 2.0  // the guess before anything has been learnt
	usualSpread  = 1.0  // and how far it may be off
	weight       = 0.2  // what a new order counts against all before it, in means
	forget       = 0.04 // how much of what is known in a direction an order makes forgotten
	prior        = 1e-4 // of an order's worth is what the first guess counts
	doubtful     = 0.02 // of an order is what a worker's first counts, which also loads things, and one tried again
	outlier      = 3.0  // times the spread is where an order begins to count less
	leastSpread  = 0.05
	paceLearnt   = 0.06  // machines change at once, and all orders with them; the law follows by and by,
	paceKept     = 0.995 // and takes over what the pace had to say
	tiny         = 1e-9
)

// features gives what the law sums over. Each is about 1 where there is much of it. The last grows faster than areas
// do, as does what takes each pair of cells.
func features(f event.Features) [n]float64 {
	w := f.Weather
	gates := float64(w.Gates) / 1e6
	cores := w.KM2Above(40) / 1e3
	return [n]float64{
		1, float64(f.Inputs) / 10, gates, gates * w.EchoFraction, w.KM2Above(20) / 1e4, w.KM2Above(35) / 3e3, cores,
		w.KM2Above(45) / 300, float64(w.Cells) / 10, cores * math.Sqrt(cores),
	}
}

// Learn takes the seconds that an order took. Doubt marks one that may have taken them for other reasons.
func (c *Cost) Learn(f event.Features, seconds float64, doubt bool) {
	if !(seconds >= 0 && seconds < 1e6) {
		return
	}
	x := features(f)
	c.begin(seconds)
	guess := dot(x, *c.Shares)
	counts := c.trust(c.Pace*guess, seconds, doubt)
	slower := max(-0.7, min(seconds/(c.Pace*guess+tiny)-1, 0.7)) // than predicted
	c.Pace = math.Pow(c.Pace, paceKept) * (1 + paceLearnt*counts*slower*guess/(guess+c.Usual+tiny))
	c.Known.forget(c.Seen, x, forget*counts)
	// Costs scatter by about a share of themselves: the larger, the less one second of error says.
	counts *= c.Usual / (guess + 0.2*c.Usual + tiny)
	c.Usual += weight * (guess - c.Usual)
	for i := range n {
		for j := range n {
			c.Known[i][j] += counts * x[i] * x[j]
		}
		c.Seen[i] += counts * x[i] * seconds / c.Pace
	}
	c.Known.solve(c.Seen, c.Shares)
	c.Seconds += weight * (seconds - c.Seconds)
	c.Orders++
}

// begin gives what is learnt its first guess: what was stored before there were features, or what is usual.
func (c *Cost) begin(seconds float64) {
	if c.Shares != nil && c.Known != nil && c.Seen != nil {
		return
	}
	counts, guess := prior, usualSeconds
	if c.Orders > 0 {
		counts, guess = doubtful, c.Seconds
	} else {
		c.Seconds = seconds
	}
	c.Shares, c.Known, c.Seen, c.Spread = &[n]float64{guess}, &matrix{}, &[n]float64{counts * guess}, usualSpread
	for i := range n {
		c.Known[i][i] = prior
	}
	c.Known[0][0], c.Usual, c.Pace = counts, guess, 1
}

// trust gives what an order counts, at most 1, and learns the spread.
func (c *Cost) trust(guess, seconds float64, doubt bool) float64 {
	counts := 1.0
	if doubt {
		counts = doubtful
	}
	off := math.Abs(seconds-guess) / (guess + 0.05*c.Seconds + tiny)
	if limit := outlier * c.Spread; off > limit {
		counts *= limit / off
		off = limit
	}
	c.Spread = max(c.Spread+weight/2*counts*(off-c.Spread), leastSpread)
	return counts
}

// Predict gives the seconds that an order will take.
func (c *Cost) Predict(f event.Features) float64 {
	switch {
	case c.Orders == 0:
		return usualSeconds
	case c.Shares == nil:
		return c.Seconds
	}
	return c.Pace * dot(features(f), *c.Shares)
}

// Sigma gives how sure the prediction is, as one standard deviation in seconds.
func (c *Cost) Sigma(f event.Features) float64 {
	seconds := c.Predict(f)
	if c.Orders == 0 || c.Known == nil {
		return seconds * usualSpread
	}
	// What is not known of the shares adds to what cannot be known. The mean deviation of a normal one is 0.8 sigma.
	return 1.25 * c.Spread * math.Sqrt(seconds*seconds+c.Seconds*c.Seconds*c.Known.inverse(features(f)))
}
