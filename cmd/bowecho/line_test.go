package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/lease"
	"bowecho/internal/stream/streamtest"

	"github.com/nats-io/nats.go"
)

// A worker of a cloud whose bandwidth is limited asks before it transfers, at the priority of the order in hand.
func TestAWorkerOnALimitedLineAsksBeforeItTransfers(t *testing.T) {
	client := streamtest.Connect(t)
	asked := make(chan *nats.Msg, 10)
	if _, err := client.NC.ChanSubscribe("bandwidth.east", asked); err != nil {
		t.Fatal(err)
	}
	key, err := client.Put(t.Context(), bytes.Repeat([]byte("no grid"), 100))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	order := &event.Order{
		V: event.Version, ID: "one", Chain: "contour", Worker: "contour", Domain: grid.Centred("dfw", 32.65, -97, 10, 10, 250),
		ValidTime: now, Inputs: []event.Input{{Kind: "nowcast", Key: key, Time: now}}, Priority: 70,
	}
	if _, err := client.Publish(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	book, err := lease.Open(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if err := book.On("east").Write(t.Context(), "bowecho-east-contour", lease.List{Workers: []string{"w1"}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- workLeased(ctx, client, "contour", "bowecho-east-contour/w1", slog.New(slog.DiscardHandler))
	}()
	m := <-asked
	var ask struct{ Bytes, Priority int }
	if err := json.Unmarshal(m.Data, &ask); err != nil || ask.Bytes != 700 || ask.Priority != 70 {
		t.Errorf("asked %s (%v), want 700 bytes at priority 70", m.Data, err)
	}
	if err := m.Respond([]byte("go")); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
