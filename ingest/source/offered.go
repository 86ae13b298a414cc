package source

import (
	"sync"
	"time"
)

// Offered is what a source that looks again and again has handed over, so that it hands over each file once, and again
// only when it was not taken. It is safe for concurrent use.
type Offered struct {
	mu  sync.Mutex
	ids map[string]*offer
}

type offer struct {
	inHand   bool
	failures int
	again    time.Time // not before
}

// Add notes that a file is handed over, and tells whether it is to be.
func (o *Offered) Add(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := o.ids[id]
	switch {
	case known == nil:
		if o.ids == nil {
			o.ids = map[string]*offer{}
		}
		o.ids[id] = &offer{inHand: true}
	case known.inHand || time.Now().Before(known.again):
		return false
	default:
		known.inHand = true
	}
	return true
}

// Outcome gives what File.Done calls. A file that was not taken is handed over again at the next look, and when that fails
// ever more rarely, so that one that cannot be had does not hold up the others.
func (o *Offered) Outcome(id string) func(error) {
	return func(outcome error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		known := o.ids[id]
		if known == nil || Taken(outcome) {
			return
		}
		known.inHand = false
		if known.failures > 0 {
			known.again = time.Now().Add(min(30*time.Second<<min(known.failures-1, 10), time.Hour))
		}
		known.failures++
	}
}

// Forget forgets a file that another will hand over again.
func (o *Offered) Forget(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.ids, id)
}

// Keep forgets all files but those that there still are, which bounds the memory by what the server holds.
func (o *Offered) Keep(there func(id string) bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id := range o.ids {
		if !there(id) {
			delete(o.ids, id)
		}
	}
}
