package stream

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// waiter returns when so many bytes may be transferred.
type waiter func(ctx context.Context, bytes int) error

// paced gives a reader that waits before it hands over what it read.
func paced(ctx context.Context, from io.Reader, wait waiter) io.Reader {
	if wait == nil {
		return from
	}
	return readerFunc(func(into []byte) (int, error) {
		n, err := from.Read(into)
		if n == 0 {
			return n, err
		}
		if late := wait(ctx, n); late != nil {
			return 0, late
		}
		return n, err
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(into []byte) (int, error) { return f(into) }

// nextWithin is how long the server may take to send a chunk.
const nextWithin = 30 * time.Second

// getPaced gets an object chunk by chunk: nothing is sent before it was waited for, unlike with the store's own reader,
// to which the server pushes all that it has.
func (c *Client) getPaced(ctx context.Context, key string) ([]byte, error) {
	info, err := c.objects.GetInfo(ctx, key)
	if err != nil {
		return nil, err
	}
	chunks, err := c.JS.OrderedConsumer(ctx, "OBJ_"+info.Bucket, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{"$O." + info.Bucket + ".C." + info.NUID},
	})
	if err != nil {
		return nil, fmt.Errorf("read its chunks: %w", err)
	}
	defer c.leave(ctx, "OBJ_"+info.Bucket, chunks)
	data := bytes.NewBuffer(make([]byte, 0, info.Size))
	for range info.Chunks {
		if err := c.wait(ctx, min(chunkBytes, int(info.Size)-data.Len())); err != nil {
			return nil, err
		}
		m, err := chunks.Next(jetstream.FetchMaxWait(nextWithin))
		if err != nil {
			return nil, fmt.Errorf("read its chunks: %w", err)
		}
		data.Write(m.Data())
	}
	if sum := sha256.Sum256(data.Bytes()); hex.EncodeToString(sum[:]) != key {
		return nil, errors.New("what came is not what was stored")
	}
	return data.Bytes(), nil
}
