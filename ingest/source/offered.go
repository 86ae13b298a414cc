package source

import "sync"

// Offered is what a source that looks again and again has handed over, so that it hands over each file once, and once
// more only when it was not taken. It is safe for concurrent use.
type Offered struct {
	mu  sync.Mutex
	ids map[string]bool
}

// Add notes that a file is handed over, and tells whether that is new.
func (o *Offered) Add(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ids[id] {
		return false
	}
	if o.ids == nil {
		o.ids = map[string]bool{}
	}
	o.ids[id] = true
	return true
}

// Outcome gives what File.Done calls: a file that was not taken is forgotten, and so handed over again.
func (o *Offered) Outcome(id string) func(error) {
	return func(outcome error) {
		if Taken(outcome) {
			return
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.ids, id)
	}
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
