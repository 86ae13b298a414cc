package event

import "time"

// DispatcherBucket is the key-value bucket of the dispatcher. SpendingKey in it holds the Spending as JSON, which the
// portal watches; what else is there is the dispatcher's own.
const (
	DispatcherBucket = "dispatcher"
	SpendingKey      = "spending"
)

// Spending is what workers have cost in a period of the budget, and what they will. Money is in the unit of the prices.
type Spending struct {
	V           int       `json:"v"`
	Time        time.Time `json:"time"` // of this account, by the wall clock
	Period      string    `json:"period"`
	From        time.Time `json:"from"` // the period is from here, included,
	Until       time.Time `json:"until"`
	Counted     time.Time `json:"counted"` // since when workers have been counted, where that is later than From
	Limit       float64   `json:"limit"`   // 0: none
	Seconds     float64   `json:"seconds"` // of all workers
	Spent       float64   `json:"spent"`
	PerHour     float64   `json:"perHour"`     // what the workers of now cost
	MeanPerHour float64   `json:"meanPerHour"` // what workers cost since the period before this one began
	Forecast    float64   `json:"forecast"`    // at the end of the period
	Remaining   float64   `json:"remaining"`   // of the limit; below 0 where more is spent
	Rows        []Spent   `json:"rows"`        // by chain and cloud
	Limits      []Limit   `json:"limits"`      // of single chains
	Refused     []string  `json:"refused"`     // chains of which nothing is ordered, for the budget is spent
}

// Spent is what the workers of a chain in a cloud have cost.
type Spent struct {
	Chain    string  `json:"chain"`
	Cloud    string  `json:"cloud"`
	Workers  int     `json:"workers"` // now
	Seconds  float64 `json:"seconds"`
	Spent    float64 `json:"spent"`
	Forecast float64 `json:"forecast"`
}

// Limit is what a single chain may cost.
type Limit struct {
	Chain     string  `json:"chain"`
	Limit     float64 `json:"limit"`
	Spent     float64 `json:"spent"`
	Remaining float64 `json:"remaining"`
}
