package stream

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// chunkBytes is the size of the messages in which an object is stored.
const chunkBytes = 512 << 10

// Pace lets wait be asked before each chunk that is put or got. It is to be called before the client is used.
func (c *Client) Pace(wait func(ctx context.Context, bytes int) error) { c.wait = wait }

// ErrGone says that an object is not, or no longer, in the store.
var ErrGone = errors.New("no longer in the object store")

// Put stores bytes under the hash of their content and gives that key. Storing the same bytes again is cheap.
func (c *Client) Put(ctx context.Context, data []byte) (key string, err error) {
	c.moved.Add(int64(len(data)))
	return c.put(ctx, c.objects, data, c.wait)
}

func (c *Client) put(ctx context.Context, store jetstream.ObjectStore, data []byte, wait waiter) (key string, err error) {
	sum := sha256.Sum256(data)
	key = hex.EncodeToString(sum[:])
	if info, err := store.GetInfo(ctx, key); err == nil && info.Size == uint64(len(data)) && c.whole(ctx, info) {
		return key, nil
	}
	meta := jetstream.ObjectMeta{Name: key, Opts: &jetstream.ObjectMetaOptions{ChunkSize: chunkBytes}}
	if _, err := store.Put(ctx, meta, paced(ctx, bytes.NewReader(data), wait)); err != nil {
		return "", unserved{fmt.Errorf("store object of %d bytes: %w", len(data), err)}
	}
	return key, nil
}

// whole tells whether the chunks of an object are there, too. They are not where one that was stored before was confirmed
// too late: the library then takes its chunks away again, and leaves what tells of them.
func (c *Client) whole(ctx context.Context, info *jetstream.ObjectInfo) bool {
	chunks := "$O." + info.Bucket + ".C." + info.NUID
	store, err := c.JS.Stream(ctx, "OBJ_"+info.Bucket)
	if err != nil {
		return false
	}
	holds, err := store.Info(ctx, jetstream.WithSubjectFilter(chunks))
	return err == nil && holds.State.Subjects[chunks] == uint64(info.Chunks)
}

// Get gives the bytes under a key. An object past its time is ErrGone, and permanently so.
func (c *Client) Get(ctx context.Context, key string) ([]byte, error) {
	data, err := c.get(ctx, key)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return nil, Permanent(fmt.Errorf("object %.12s: %w", key, ErrGone))
	}
	if err != nil {
		return nil, unserved{fmt.Errorf("get object %.12s: %w", key, err)}
	}
	c.moved.Add(int64(len(data)))
	return data, nil
}

// Moved gives how many bytes of objects this client has got and put so far; what lay there already counts, too.
func (c *Client) Moved() int64 { return c.moved.Load() }

func (c *Client) get(ctx context.Context, key string) ([]byte, error) {
	if c.wait == nil {
		return c.objects.GetBytes(ctx, key)
	}
	return c.getPaced(ctx, key)
}
