package main

import (
	"context"
	"encoding/json"
	"runtime"
	"time"

	"bowecho/ingest/summary"
	"bowecho/internal/event"
	"bowecho/internal/radar"
	"bowecho/internal/stream"
	"bowecho/processors"

	"golang.org/x/sys/unix"
)

// The test's own calculation burns so many seconds of a processor for a sweep; more where the sweep shows a storm, which
// is so many km² at or above 40 dBZ: what the radar at Addison saw from 07:14 to 07:38.
const (
	burnCalm   = 2 * time.Second
	burnStormy = 10 * time.Second
	stormyKM2  = 50
)

// addBurn makes the calculation known to the test's own bowecho.
func addBurn() {
	nothing := func(string, json.RawMessage) []string { return nil }
	event.Calculations["burn"] = event.Calculation{Takes: []string{event.ScanNews}, Makes: nothing}
	processors.Add("burn", func(json.RawMessage) error { return nil }, burn)
}

// burn looks at the newest sweep that an order names, and burns what that calls for.
func burn(ctx context.Context, client *stream.Client, order *event.Order) ([]event.Message, error) {
	data, err := client.Get(ctx, order.Inputs[len(order.Inputs)-1].Key)
	if err != nil {
		return nil, err
	}
	scan, err := radar.Decode(data)
	if err != nil {
		return nil, stream.Permanent(err)
	}
	scan.Expand()
	return nil, spin(cost(scan))
}

func cost(scan *radar.Scan) time.Duration {
	if summary.Of(scan).KM2Above(40) >= stormyKM2 {
		return burnStormy
	}
	return burnCalm
}

// spin keeps a processor busy until this thread has had so much of it.
func spin(seconds time.Duration) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var began, now unix.Timespec
	for err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &began); ; err = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now) {
		if err != nil || time.Duration(now.Nano()-began.Nano()) >= seconds {
			return err
		}
		for x := range 1_000_000 {
			_ = x
		}
	}
}
