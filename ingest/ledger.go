package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// keepLedger is how long a file that is still there is known to have been taken.
const keepLedger = 7 * 24 * time.Hour

// ledger remembers which files and scans have been taken, across restarts.
type ledger struct{ kv jetstream.KeyValue }

func openLedger(ctx context.Context, client *stream.Client) (*ledger, error) {
	kv, err := client.KeyValueFor(ctx, "ingested", keepLedger)
	if err != nil {
		return nil, err
	}
	return &ledger{kv}, nil
}

func (l *ledger) has(ctx context.Context, kind, identity string) (bool, error) {
	_, err := l.kv.Get(ctx, ledgerKey(kind, identity))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up in the ledger: %w", err)
	}
	return true, nil
}

func (l *ledger) add(ctx context.Context, kind, identity string) error {
	if _, err := l.kv.Put(ctx, ledgerKey(kind, identity), nil); err != nil {
		return fmt.Errorf("write to the ledger: %w", err)
	}
	return nil
}

// taking gives which taking of a scan was the first to announce it, where one did.
func (l *ledger) taking(ctx context.Context, scan string) (first string, found bool, err error) {
	entry, err := l.kv.Get(ctx, ledgerKey("scan", scan))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("look up in the ledger: %w", err)
	}
	return string(entry.Value()), true, nil
}

// claim notes that a taking announced a scan, and gives the one that did so first: another, where the same scan came by
// two roads at once.
func (l *ledger) claim(ctx context.Context, scan, taking string) (first string, err error) {
	_, err = l.kv.Create(ctx, ledgerKey("scan", scan), []byte(taking))
	switch {
	case errors.Is(err, jetstream.ErrKeyExists):
		first, _, err = l.taking(ctx, scan)
		return first, err
	case err != nil:
		return "", fmt.Errorf("write to the ledger: %w", err)
	}
	return taking, nil
}

func ledgerKey(kind, identity string) string { return kind + "." + event.ID(identity) }
