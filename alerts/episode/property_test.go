package episode

import (
	"reflect"
	"testing"
	"time"

	"bowecho/alerts/match"
	"bowecho/internal/event"

	"pgregory.net/rapid"
)

// TestAnyWeather holds, for any course of things, what people rely on.
func TestAnyWeather(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := watcher{t: t, track: New(), now: noon, ids: map[string]bool{}}
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			w.step()
		}
		w.take(w.track.Drop(w.now))
		if w.open != "" {
			t.Fatalf("episode %s never ended", w.open)
		}
	})
}

// watcher sees only what is told, and checks it.
type watcher struct {
	t        *rapid.T
	track    Track
	now      time.Time
	hazardAt time.Time // when it was last found within the distance
	clearAt  time.Time // when it was last found clear
	knownAt  time.Time
	open     string
	sequence int
	ids      map[string]bool
}

func (w *watcher) step() {
	w.now = w.now.Add(time.Duration(rapid.SampledFrom([]int{30, 60, 60, 60, 300, 900}).Draw(w.t, "seconds")) * time.Second)
	switch rapid.SampledFrom([]string{"reached", "reached", "clear", "clear", "unknown", "wait"}).Draw(w.t, "what") {
	case "wait":
		w.take(w.track.Wait(rules, w.now))
	case "unknown":
		w.see(unknown)
	case "clear":
		w.clearAt = w.now
		w.see(clear)
		w.knownAt = w.now
	case "reached":
		// What was not noticed before is told first, so that it must be known when it is checked.
		w.see(reached(
			float64(rapid.IntRange(0, 30).Draw(w.t, "lead")), rapid.Float64Range(0, 5).Draw(w.t, "km"),
			rapid.SampledFrom([]float64{30, 45}).Draw(w.t, "level")))
		w.hazardAt, w.knownAt = w.now, w.now
		if w.open == "" {
			w.t.Fatal("a hazard is within the distance, and nobody was told")
		}
	}
}

// see also holds that taking in the same areas once more, as after a crash, changes nothing.
func (w *watcher) see(f match.Finding) {
	w.take(w.track.See(rules, w.now, f))
	again, changes := w.track.See(rules, w.now, f)
	if len(changes) != 0 || !reflect.DeepEqual(again, w.track) {
		w.t.Fatalf("the same areas again: %+v and %+v, before %+v", changes, again, w.track)
	}
}

func (w *watcher) take(next Track, changes []Change) {
	w.track = next
	for _, c := range changes {
		w.sequence++
		switch c.State {
		case event.Start:
			if w.open != "" || w.ids[c.Episode] {
				w.t.Fatalf("a start of %s while %q is open, or again", c.Episode, w.open)
			}
			w.open, w.sequence, w.ids[c.Episode] = c.Episode, 1, true
		case event.End:
			w.checkEnd(c)
		}
		if c.Sequence != w.sequence || c.Episode != w.open {
			w.t.Fatalf("change %d of %s, want %d of %s", c.Sequence, c.Episode, w.sequence, w.open)
		}
		if c.State == event.End {
			w.open = ""
		}
	}
	if (w.track.Open != nil) != (w.open != "") {
		w.t.Fatalf("open: %v, but people were told %q", w.track.Open, w.open)
	}
}

func (w *watcher) checkEnd(c Change) {
	switch c.Reason {
	case Ended:
		if w.clearAt != w.now || w.now.Sub(w.hazardAt) < rules.KeepFor {
			w.t.Fatalf("ended at %v, though last seen clear at %v and there at %v", w.now, w.clearAt, w.hazardAt)
		}
	case DataLost:
		if w.now.Sub(w.knownAt) < rules.DataLostAfter {
			w.t.Fatalf("data lost at %v, though known at %v", w.now, w.knownAt)
		}
	}
}
