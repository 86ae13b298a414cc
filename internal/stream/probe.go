package stream

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Probe tells whether the server stores what it is given, by giving it something: a server with a full disk still
// answers every question.
type Probe struct{ bucket jetstream.KeyValue }

// Probe makes a probe.
func (c *Client) Probe(ctx context.Context) (*Probe, error) {
	bucket, err := c.KeyValueFor(ctx, "probe", time.Hour)
	if err != nil {
		return nil, err
	}
	return &Probe{bucket}, nil
}

// Try stores the time.
func (p *Probe) Try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := p.bucket.PutString(ctx, "time", time.Now().Format(time.RFC3339Nano)); err != nil {
		return fmt.Errorf("nothing can be stored: %w; is the disk full?", err)
	}
	return nil
}
