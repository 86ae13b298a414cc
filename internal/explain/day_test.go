package explain

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"

	"github.com/nats-io/nats.go/jetstream"
)

// BenchmarkADay explains decisions of a day in which four chains were ordered and done each minute, and each look at the
// fleet was told every ten seconds.
func BenchmarkADay(b *testing.B) {
	client := streamtest.Connect(b)
	day := time.Now().UTC().Add(-24 * time.Hour)
	var first string
	var acks []jetstream.PubAckFuture
	events := 0
	tell := func(d *event.Decision) {
		acks, events = append(acks, later(b, client, d)), events+1
		if len(acks) == 200 {
			stored(b, acks)
			acks = nil
		}
	}
	for n := range 24 * 360 {
		now := day.Add(time.Duration(n) * 10 * time.Second)
		for _, chain := range []string{"mosaic", "nowcast", "contour", "picture"} {
			tell(&event.Decision{Kind: event.FleetStatus, Subj: chain, Value: "1", Time: now, Inputs: map[string]any{"workers": 1, "waiting": n}})
			if n%6 != 0 {
				continue
			}
			order := event.ID("order", chain, now.String())
			if n == 600 && chain == "nowcast" {
				first = order
			}
			tell(&event.Decision{Kind: event.OrderMade, Subj: chain, Domain: "dfw", Value: order, Time: now, Inputs: map[string]any{"predictedSeconds": 2.0}})
			tell(&event.Decision{Kind: event.WorkDone, Subj: chain, Domain: "dfw", Value: "done", Time: now.Add(2 * time.Second), Inputs: map[string]any{"order": order, "seconds": 2.0}})
		}
	}
	tell(&event.Decision{Kind: event.Scaling, Subj: "mosaic", Value: "3", Time: time.Now()})
	stored(b, acks)
	for _, c := range []struct{ kind, which string }{{"order", "nowcast"}, {"order", first[:8]}, {"scaling", "mosaic"}} {
		b.Run(fmt.Sprintf("%s %s of %d events", c.kind, map[bool]string{true: "by id", false: "the last"}[c.which == first[:8]], events), func(b *testing.B) {
			for b.Loop() {
				if _, err := New(client).Explain(b.Context(), c.kind, c.which); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// later publishes a decision without waiting for it to be stored.
func later(b *testing.B, client *stream.Client, d *event.Decision) jetstream.PubAckFuture {
	b.Helper()
	d.V, d.ID = event.Version, event.ID(d.Kind, d.Subj, d.Value, d.Time.String())
	data, err := json.Marshal(d)
	if err != nil {
		b.Fatal(err)
	}
	ack, err := client.JS.PublishAsync(d.Subject(), data)
	if err != nil {
		b.Fatal(err)
	}
	return ack
}

func stored(b *testing.B, acks []jetstream.PubAckFuture) {
	b.Helper()
	for _, ack := range acks {
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			b.Fatal(err)
		}
	}
}
