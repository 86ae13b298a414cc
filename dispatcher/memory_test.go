package dispatcher

import (
	"context"
	"encoding/json"
	"errors"

	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// memory is what JetStream keeps for a dispatcher, in virtual time. Any write can fail: before it, or after it.
type memory struct {
	sequence uint64
	ids      map[string]uint64       // what was published, by message id
	queue    map[uint64]*event.Order // WORK
	made     map[string]*event.Order // all that ever came to WORK, by id
	told     map[string][]string     // of each order: the kinds of what was told of it
	state    []byte
	breakIn  int // writes until one fails; 0: none does
	after    bool
}

func newMemory() *memory {
	return &memory{ids: map[string]uint64{}, queue: map[uint64]*event.Order{}, made: map[string]*event.Order{}, told: map[string][]string{}}
}

var errBroken = errors.New("the server broke")

// written tells how a write goes that is made by a function.
func (m *memory) written(write func() error) error {
	if m.breakIn--; m.breakIn != 0 {
		return write()
	}
	if m.after {
		_ = write()
	}
	return errBroken
}

// client gives a client of the memory.
func (m *memory) client() *stream.Client { return &stream.Client{JS: memoryJS{memory: m}} }

type memoryJS struct {
	jetstream.JetStream
	memory *memory
}

// Publish takes orders and decisions, each id once.
func (js memoryJS) Publish(_ context.Context, _ string, data []byte, _ ...jetstream.PublishOpt) (ack *jetstream.PubAck, err error) {
	err = js.memory.written(func() error {
		ack, err = js.memory.publish(data)
		return err
	})
	if err != nil {
		ack = nil
	}
	return ack, err
}

func (m *memory) publish(data []byte) (*jetstream.PubAck, error) {
	var head struct{ ID, Kind string }
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, err
	}
	if sequence, again := m.ids[head.ID]; again {
		return &jetstream.PubAck{Sequence: sequence, Duplicate: true}, nil
	}
	m.sequence++
	m.ids[head.ID] = m.sequence
	ack := &jetstream.PubAck{Sequence: m.sequence}
	if head.Kind == "" {
		o, err := event.Decode[event.Order](data)
		if err == nil {
			m.queue[m.sequence], m.made[o.ID] = o, o
		}
		return ack, err
	}
	d, err := event.Decode[event.Decision](data)
	if err == nil {
		id := d.Value
		if d.Kind == event.WorkDone {
			id = d.Inputs["order"].(string)
		}
		m.told[id] = append(m.told[id], d.Kind)
	}
	return ack, err
}

// CreateOrUpdateKeyValue gives the one bucket.
func (js memoryJS) CreateOrUpdateKeyValue(context.Context, jetstream.KeyValueConfig) (jetstream.KeyValue, error) {
	return memoryBucket{memory: js.memory}, nil
}

// Stream gives the queue.
func (js memoryJS) Stream(context.Context, string) (jetstream.Stream, error) {
	return memoryQueue{memory: js.memory}, nil
}

type memoryQueue struct {
	jetstream.Stream
	memory *memory
}

// GetMsg tells whether an order is there.
func (q memoryQueue) GetMsg(_ context.Context, sequence uint64, _ ...jetstream.GetMsgOpt) (*jetstream.RawStreamMsg, error) {
	if q.memory.queue[sequence] == nil {
		return nil, jetstream.ErrMsgNotFound
	}
	return &jetstream.RawStreamMsg{Sequence: sequence}, nil
}

type memoryBucket struct {
	jetstream.KeyValue
	memory *memory
}

// Get gives the stored state.
func (b memoryBucket) Get(_ context.Context, key string) (jetstream.KeyValueEntry, error) {
	if key != stateKey || b.memory.state == nil {
		return nil, jetstream.ErrKeyNotFound
	}
	return memoryEntry{value: b.memory.state}, nil
}

// Put stores the state.
func (b memoryBucket) Put(_ context.Context, key string, data []byte) (uint64, error) {
	return 0, b.memory.written(func() error {
		if key == stateKey {
			b.memory.state = data
		}
		return nil
	})
}

type memoryEntry struct {
	jetstream.KeyValueEntry
	value []byte
}

// Value gives the bytes.
func (e memoryEntry) Value() []byte { return e.value }
