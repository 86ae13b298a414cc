package bucket

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/source/sourcetest"
	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// created is an event as S3 sends it. Source: AWS, "Event message structure".
func created(bucket, key string) string {
	return fmt.Sprintf(`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":%q,"eventName":"ObjectCreated:Put",
		"s3":{"s3SchemaVersion":"1.0","bucket":{"name":%q},"object":{"key":%q,"size":9,"eTag":"d41d8cd9","sequencer":"00"}}}]}`,
		time.Now().UTC().Format(time.RFC3339), bucket, url.QueryEscape(key))
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	data, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestParse(t *testing.T) {
	plain := created("b", "2026/05/01/KFWS/a b+c.nc")
	sns := `{"Type":"Notification","Message":` + quoted(t, plain) + `}`
	for name, text := range map[string]string{
		"S3":            plain,
		"MinIO":         `{"EventName":"s3:ObjectCreated:Put","Key":"b/x",` + plain[1:],
		"SNS":           sns,
		"SQS":           `{"MessageId":"1","Body":` + quoted(t, plain) + `}`,
		"a list of SQS": `{"Messages":[{"Body":` + quoted(t, sns) + `}]}`,
	} {
		got, err := parse([]byte(text), "b")
		if err != nil || !slices.Equal(keys(got), []string{"2026/05/01/KFWS/a b+c.nc"}) || got[0].ETag != "d41d8cd9" || got[0].Size != 9 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, text := range map[string]string{
		"a test": `{"Service":"Amazon S3","Event":"s3:TestEvent"}`, "another bucket": created("c", "x"),
		"a removal": strings.Replace(plain, "ObjectCreated:Put", "ObjectRemoved:Delete", 1),
	} {
		if got, err := parse([]byte(text), "b"); err != nil || len(got) > 0 {
			t.Errorf("%s: %v, %v; want nothing to do", name, got, err)
		}
	}
	deep := plain
	for range 10 {
		deep = `{"Body":` + quoted(t, deep) + `}`
	}
	for name, text := range map[string]string{
		"no JSON": "hello", "nothing in it": "{}", "a bad key": strings.Replace(plain, "2026", "%zz", 1), "too deep": deep, "SNS of text": `{"Message":"hello"}`,
	} {
		if _, err := parse([]byte(text), "b"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(created("b", "x"))
	f.Add(`{"Messages":[{"Body":"{}"}],"Message":"{}"}`)
	f.Fuzz(func(t *testing.T, text string) {
		if objects, err := parse([]byte(text), "b"); err != nil && len(objects) > 0 {
			t.Error("both an error and objects")
		}
	})
}

// notifying gives a source that hears of objects by events alone: its first look is long past the test.
func notifying(t *testing.T, s *server, client *stream.Client, subject string) *Bucket {
	t.Helper()
	b := newBucket(t, s, Config{Notify: subject}, client)
	b.cfg.Poll = time.Hour
	b.watches = nil
	return b
}

func publish(t *testing.T, client *stream.Client, subject, text string) {
	t.Helper()
	if _, err := client.JS.Publish(t.Context(), subject, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestConformanceOfEvents(t *testing.T) {
	client := streamtest.Connect(t)
	names := []string{"b.nc", "a.nc", "x/c d.nc"}
	s := newServer(t, "radars", names...)
	n := 0
	sourcetest.Run(t, sourcetest.Case{Want: names, Make: func(t *testing.T) source.Source {
		n++
		subject := fmt.Sprintf("files.bucket%d", n)
		for _, name := range names {
			publish(t, client, subject, created("radars", name))
		}
		return sourcetest.FromFiles(client, notifying(t, s, client, subject))
	}})
}

func TestEventsTwiceAndMixedWithLooks(t *testing.T) {
	client := streamtest.Connect(t)
	s := newServer(t, "radars", "a.nc")
	for range 2 {
		publish(t, client, "files.twice", created("radars", "a.nc"))
	}
	publish(t, client, "files.twice", "no event")
	publish(t, client, "files.twice", created("radars", "gone.nc"))
	s.put(t, "b.nc", "content of b.nc")
	publish(t, client, "files.twice", created("radars", "b.nc"))
	want(t, running(t, notifying(t, s, client, "files.twice")), "a.nc", "b.nc")
	if gets, _ := s.counts("a.nc"); gets != 1 {
		t.Errorf("a.nc was fetched %d times, want once", gets)
	}
	dead := 0
	err := client.Each(t.Context(), stream.DeadBox, "", time.Time{}, func(m stream.Message) error {
		d, err := event.Decode[event.Dead](m.Data)
		if err == nil && strings.Contains(d.Reason, "JSON") {
			dead++
		}
		return err
	})
	if err != nil || dead != 1 {
		t.Errorf("%d dead letters, %v; want the message that is no event", dead, err)
	}
}

// TestAnEventIsKeptUntilItsObjectIsTaken lets the object fail once, and the event come again.
func TestAnEventIsKeptUntilItsObjectIsTaken(t *testing.T) {
	client := streamtest.Connect(t)
	s, left := newServer(t, "radars", "a.nc"), 3
	s.fault = func(w http.ResponseWriter, key string) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if left == 0 {
			return false
		}
		left--
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	publish(t, client, "files.again", created("radars", "a.nc"))
	want(t, running(t, notifying(t, s, client, "files.again")), "a.nc")
}
