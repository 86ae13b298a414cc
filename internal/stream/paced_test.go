package stream_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"bowecho/internal/stream/streamtest"

	"github.com/nats-io/nats.go/jetstream"
)

// noise gives bytes that are the same for a seed.
func noise(n int, seed byte) []byte {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(data)
	return data
}

func TestEachChunkIsWaitedFor(t *testing.T) {
	client := streamtest.Connect(t)
	for i, size := range []int{0, 1, 512 << 10, 512<<10 + 1, 3 << 20} {
		var waited, times int
		client.Pace(func(_ context.Context, bytes int) error {
			waited += bytes
			times++
			return nil
		})
		data := noise(size, byte(i))
		key, err := client.Put(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		if waited != size {
			t.Errorf("%d bytes put, %d waited for", size, waited)
		}
		waited, times = 0, 0
		got, err := client.Get(t.Context(), key)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes put, %d others got: %v", size, len(got), err)
		}
		if chunks := (size + 512<<10 - 1) / (512 << 10); waited != size || times != chunks {
			t.Errorf("%d bytes got, %d waited for in %d chunks, want %d", size, waited, times, chunks)
		}
		waited = 0
		if again, err := client.Put(t.Context(), data); again != key || err != nil || waited != 0 {
			t.Errorf("what is there was put again: %d bytes waited for, %v", waited, err)
		}
	}
}

func TestATransferThatMayNotBeFails(t *testing.T) {
	client := streamtest.Connect(t)
	key, err := client.Put(t.Context(), noise(100, 1))
	if err != nil {
		t.Fatal(err)
	}
	stopped := errors.New("stopped")
	client.Pace(func(context.Context, int) error { return stopped })
	if _, err := client.Get(t.Context(), key); !errors.Is(err, stopped) {
		t.Errorf("get: %v, want %v", err, stopped)
	}
	if _, err := client.Put(t.Context(), noise(100, 2)); !errors.Is(err, stopped) {
		t.Errorf("put: %v, want %v", err, stopped)
	}
}

// An object whose chunks were taken away again, as the library does where a server is late to confirm them, is stored anew.
func TestAnObjectWithoutItsChunksIsStoredAnew(t *testing.T) {
	client := streamtest.Connect(t)
	for i, size := range []int{0, 1000, 2 << 20} {
		data := noise(size, byte(i))
		if _, err := client.Put(t.Context(), data); err != nil {
			t.Fatal(err)
		}
		store, err := client.JS.Stream(t.Context(), "OBJ_objects")
		if err == nil {
			err = store.Purge(t.Context(), jetstream.WithPurgeSubject("$O.objects.C.>"))
		}
		if err != nil {
			t.Fatal(err)
		}
		moved := client.Moved()
		key, err := client.Put(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := client.Get(t.Context(), key); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes stored again, %d others got: %v", size, len(got), err)
		}
		if again := client.Moved() - moved; again != 2*int64(size) {
			t.Errorf("%d bytes stored again and got: %d moved", size, again)
		}
	}
}
