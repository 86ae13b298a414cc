package main

import (
	"fmt"
	"os"
	"time"
)

// progress shows on stderr how far something is, where that is a terminal and it takes more than a second.
type progress struct {
	what         string
	began, shown time.Time
	terminal     bool
}

func newProgress(what string) *progress {
	info, err := os.Stderr.Stat()
	return &progress{what: what, began: time.Now(), terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// show draws the line, a few times a second.
func (p *progress) show(done, all int) {
	now := time.Now()
	if !p.terminal || now.Sub(p.began) < time.Second || now.Sub(p.shown) < 200*time.Millisecond {
		return
	}
	p.shown = now
	fmt.Fprintf(os.Stderr, "\r%d of %d %s ", done, all, p.what)
}

// end takes the line away.
func (p *progress) end() {
	if !p.shown.IsZero() {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
}
