package subject

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// maxInline is the largest file that goes in a message, which NATS limits to 1 MiB, and a dead letter holds in base64.
const maxInline = 512 << 10

// keepFiles is how long a file that nobody takes stays in the object store.
const keepFiles = 7 * 24 * time.Hour

func files(ctx context.Context, client *stream.Client) (jetstream.ObjectStore, error) {
	objects, err := client.JS.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{
		Bucket: "files", Description: "files that were sent and are too large for a message", TTL: keepFiles, Storage: jetstream.FileStorage,
	})
	if err != nil {
		return nil, fmt.Errorf("open the object store for files: %w", err)
	}
	return objects, nil
}

// Send sends a file to whoever reads a subject. It returns when NATS keeps the file. Sending the same again within half
// an hour is harmless: duplicate tells.
func Send(ctx context.Context, client *stream.Client, subject, name string, data []byte) (duplicate bool, err error) {
	if err := source.CheckSubject(subject); err != nil {
		return false, err
	}
	if len(data) == 0 || len(data) > source.MaxBytes {
		return false, fmt.Errorf("%s has %d bytes, want 1 to %d MiB", name, len(data), source.MaxBytes>>20)
	}
	sum := sha256.Sum256(data)
	m := nats.NewMsg(subject)
	m.Header.Set(headerName, name)
	m.Header.Set(headerSHA256, hex.EncodeToString(sum[:]))
	m.Data = data
	if len(data) > maxInline {
		m.Data = nil
		key := nuid.Next() // of this message alone, which takes it away with it
		m.Header.Set(headerObject, key)
		objects, err := files(ctx, client)
		if err != nil {
			return false, err
		}
		if _, err := objects.Put(ctx, jetstream.ObjectMeta{Name: key}, bytes.NewReader(data)); err != nil {
			return false, fmt.Errorf("store %s: %w", name, err)
		}
		defer func() {
			if duplicate || err != nil {
				_ = objects.Delete(context.WithoutCancel(ctx), key) // else it goes when its time is up
			}
		}()
	}
	ack, err := client.JS.PublishMsg(ctx, m, jetstream.WithMsgID(event.ID(subject, name, m.Header.Get(headerSHA256))))
	if err != nil {
		return false, fmt.Errorf("send %s to %s: %w", name, subject, err)
	}
	return ack.Duplicate, nil
}
