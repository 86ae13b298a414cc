package stream_test

import (
	"fmt"
	"testing"

	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"

	"github.com/nats-io/nats.go/jetstream"
)

func TestHeardFromTheFirstMomentOn(t *testing.T) {
	client := streamtest.Connect(t)
	for i := range 3 {
		if _, err := client.JS.Publish(t.Context(), fmt.Sprint("scan.test.", i), nil); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 100 {
		cfg := jetstream.ConsumerConfig{Durable: fmt.Sprint("reader-", i), AckPolicy: jetstream.AckExplicitPolicy, FilterSubject: "scan.*.1"}
		created := make(chan error, 1)
		go func() {
			_, err := client.JS.CreateConsumer(t.Context(), stream.Scans, cfg)
			created <- err
		}()
		for there := false; !there; {
			heard, err := client.Heard(t.Context(), stream.Scans, cfg.Durable)
			if there = err == nil; heard {
				t.Fatal("all is heard before anything was delivered")
			}
		}
		if err := <-created; err != nil {
			t.Fatal(err)
		}
	}
	reader, err := client.JS.Consumer(t.Context(), stream.Scans, "reader-0")
	if err != nil {
		t.Fatal(err)
	}
	m, err := reader.Next()
	if err != nil {
		t.Fatal(err)
	}
	for _, acknowledged := range []bool{false, true} {
		if acknowledged {
			if err := m.DoubleAck(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if heard, err := client.Heard(t.Context(), stream.Scans, "reader-0"); err != nil || heard != acknowledged {
			t.Errorf("heard %t, want %t (%v); another subject's message is not its", heard, acknowledged, err)
		}
	}
}
