// Package live tells browsers what changes, by server-sent events with ids, so that one that was away catches up.
package live

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How much is held for browsers that are away or slow. One that needs more loads the state anew.
const (
	keep      = 1024 // events that can be told again
	behind    = 256  // events that may wait for one browser
	heartbeat = 15 * time.Second
	patience  = 10 * time.Second // for one write to a browser
)

// Event is one change, encoded.
type Event struct {
	Number uint64
	Kind   string
	Data   []byte // one line of JSON
}

// Hub passes events to all that listen. It is safe for concurrent use.
type Hub struct {
	boot      string // tells this run's numbers from another's
	mu        sync.Mutex
	last      uint64
	recent    []Event // oldest first
	listeners map[chan Event]bool
	dropped   uint64
}

// New gives a hub without listeners.
func New() *Hub {
	return &Hub{boot: strconv.FormatInt(time.Now().UnixNano(), 36), listeners: map[chan Event]bool{}}
}

// Publish passes an event on. A listener that has not taken the ones before is dropped: it comes back by itself.
func (h *Hub) Publish(kind string, data []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	e := Event{h.last, kind, data}
	h.recent = append(h.recent[max(len(h.recent)-keep+1, 0):], e)
	for l := range h.listeners {
		select {
		case l <- e:
		default:
			delete(h.listeners, l)
			close(l)
			h.dropped++
		}
	}
}

// ID gives the id of the newest event.
func (h *Hub) ID() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.id(h.last)
}

// Listeners tells how many listen, and how many were dropped for being slow.
func (h *Hub) Listeners() (now int, dropped uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners), h.dropped
}

func (h *Hub) id(number uint64) string { return h.boot + "-" + strconv.FormatUint(number, 10) }

// listen gives the events after an id and a channel for those to come. Not ok: the id is too old or unknown.
func (h *Hub) listen(after string) (missed []Event, next chan Event, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	number := h.last
	if after != "" {
		boot, digits, _ := strings.Cut(after, "-")
		n, err := strconv.ParseUint(digits, 10, 64)
		if boot != h.boot || err != nil || n > h.last || h.last-n > uint64(len(h.recent)) {
			return nil, nil, false
		}
		number = n
	}
	missed = append(missed, h.recent[len(h.recent)-int(h.last-number):]...)
	next = make(chan Event, behind)
	h.listeners[next] = true
	return missed, next, true
}

func (h *Hub) leave(l chan Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, l)
}

// ServeHTTP streams events after Last-Event-ID, or after ?after=, until the browser goes away.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	after := r.Header.Get("Last-Event-ID")
	if after == "" {
		after = r.URL.Query().Get("after")
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	out := &writer{w, http.NewResponseController(w)}
	missed, next, ok := h.listen(after)
	if !ok {
		_ = out.write("event: reload\ndata: null\n\n")
		return
	}
	defer h.leave(next)
	if out.write(": listening\nretry: 2000\n\n") != nil {
		return
	}
	for _, e := range missed {
		if h.tell(out, e) != nil {
			return
		}
	}
	h.stream(r, out, next)
}

func (h *Hub) stream(r *http.Request, out *writer, next <-chan Event) {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			err = out.write(": still here\n\n")
		case e, open := <-next:
			if !open {
				return
			}
			err = h.tell(out, e)
		}
		if err != nil {
			return
		}
	}
}

func (h *Hub) tell(out *writer, e Event) error {
	return out.write(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", h.id(e.Number), e.Kind, e.Data))
}

type writer struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (w *writer) write(text string) error {
	if err := w.control.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := w.w.Write([]byte(text)); err != nil {
		return err
	}
	return w.control.Flush()
}
