package push

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"bowecho/ingest/source"
	"bowecho/ingest/source/sourcetest"
	"bowecho/internal/stream"

	"go.uber.org/goleak"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func newPush(t *testing.T, cfg Config) *Push {
	t.Helper()
	p, err := New(cfg, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fed is a push source to which somebody sends files, one after the other.
type fed struct {
	*Push
	listener net.Listener
	names    []string
}

func (f fed) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	if ctx.Err() != nil {
		_ = f.listener.Close()
		return f.Push.Run(ctx, emit)
	}
	sent := make(chan struct{})
	sender := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	go func() {
		defer close(sent)
		for _, name := range f.names {
			r, _ := http.NewRequestWithContext(ctx, http.MethodPut, "http://"+f.listener.Addr().String()+"/v1/files/"+name, strings.NewReader(name))
			if answer, err := sender.Do(r); err == nil {
				_ = answer.Body.Close()
			}
		}
	}()
	err := f.serve(ctx, f.listener, emit)
	<-sent
	return err
}

func TestConformance(t *testing.T) {
	names := []string{"b.nc", "a.nc", "KTLX/006/20240401-214657-001-S"}
	sourcetest.Run(t, sourcetest.Case{Want: names, Make: func(t *testing.T) source.Source {
		return fed{newPush(t, DefaultConfig()), listen(t), names}
	}})
}

// receiver is a running push source. What it emits is settled with the outcome.
type receiver struct {
	*Push
	url   string
	files chan source.File
}

func received(t *testing.T, cfg Config, outcome func(source.File) error) *receiver {
	t.Helper()
	l := listen(t)
	r := &receiver{newPush(t, cfg), "http://" + l.Addr().String() + "/v1/files/", make(chan source.File, 100)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- r.serve(ctx, l, func(_ context.Context, f source.File) error {
			data, err := os.ReadFile(f.Path)
			if err != nil {
				t.Error(err)
			}
			f.Settle(outcome(f))
			f.Data = data
			r.files <- f
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		if left, _ := filepath.Glob(filepath.Join(r.dir, "*")); len(left) > 0 {
			t.Errorf("%v is left on the disk", left)
		}
	})
	return r
}

func put(t *testing.T, url string, body io.Reader, header ...string) (status int, a answer) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if err := json.NewDecoder(got.Body).Decode(&a); err != nil {
		t.Errorf("status %d without JSON: %v", got.StatusCode, err)
	}
	return got.StatusCode, a
}

const text = "a volume"

func TestAnswers(t *testing.T) {
	sum := sha256.Sum256([]byte(text))
	right, wrong := hex.EncodeToString(sum[:]), strings.Repeat("0", 64)
	digest := "md5=:AAAA:, sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
	for name, c := range map[string]struct {
		path, body string
		header     []string
		outcome    error
		status     int
		reason     string
	}{
		"taken":                {path: "a.nc", status: 201},
		"known":                {path: "a.nc", outcome: source.ErrKnown, status: 200},
		"set aside":            {path: "a.nc", outcome: stream.Permanent(errors.New("a.nc: no radar file")), status: 422, reason: "no radar file"},
		"not taken":            {path: "a.nc", outcome: errors.New("the disk is full"), status: 503, reason: "full"},
		"right sums":           {path: "a.nc", header: []string{"Content-Digest", digest, "X-Checksum-Sha256", strings.ToUpper(right)}, status: 201},
		"wrong sum":            {path: "a.nc", header: []string{"X-Checksum-Sha256", wrong}, status: 422, reason: right},
		"wrong digest":         {path: "a.nc", header: []string{"Content-Digest", "sha-256=:" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + ":"}, status: 422, reason: right},
		"sum that is none":     {path: "a.nc", header: []string{"X-Checksum-Sha256", "abc"}, status: 400, reason: "64 hexadecimal"},
		"digest that is none":  {path: "a.nc", header: []string{"Content-Digest", "sha-256=" + right}, status: 400, reason: "BASE64"},
		"nothing":              {path: "a.nc", body: "none", status: 422, reason: "empty"},
		"upwards":              {path: "..%2F..%2Fetc%2Fpasswd", status: 400, reason: "no name"},
		"from the root":        {path: "%2Fetc%2Fpasswd", status: 400, reason: "no name"},
		"backslashes":          {path: "..%5C..%5Cx", status: 400, reason: "no name"},
		"a line break":         {path: "a%0Ab", status: 400, reason: "no name"},
		"too long a name":      {path: strings.Repeat("x", 300), status: 400, reason: "no name"},
		"in the making":        {path: "a.nc.part", status: 400, reason: "making"},
		"hidden":               {path: "x/.a.nc", status: 400, reason: "making"},
		"no file":              {path: "", status: 400, reason: "no name"},
		"parts of a real site": {path: "KTLX/006/20240401-214657-001-S", status: 201},
	} {
		t.Run(name, func(t *testing.T) {
			r := received(t, DefaultConfig(), func(source.File) error { return c.outcome })
			body := text
			if c.body == "none" {
				body = ""
			}
			status, a := put(t, r.url+c.path, strings.NewReader(body), c.header...)
			if status != c.status || (c.reason != "") != (a.Error != "") || !strings.Contains(a.Error, c.reason) {
				t.Fatalf("%d %+v; want %d and %q", status, a, c.status, c.reason)
			}
			if status > 201 {
				return
			}
			if f := <-r.files; f.Name != c.path || string(f.Data) != text || a.SHA256 != right || a.Bytes != int64(len(text)) || a.Known != (status == 200) {
				t.Errorf("emitted %q with %q, answered %+v", f.Name, f.Data, a)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	r := received(t, DefaultConfig(), func(source.File) error { return nil })
	zeros := io.LimitReader(endless{}, source.MaxBytes+1)
	if status, a := put(t, r.url+"large.nc", zeros); status != 413 || !strings.Contains(a.Error, "256 MiB") { // chunked: the length is not told
		t.Errorf("%d %+v, want 413", status, a)
	}
	conn, err := net.Dial("tcp", strings.Split(strings.TrimPrefix(r.url, "http://"), "/")[0])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PUT /v1/files/large.nc HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", source.MaxBytes+1)
	first := make([]byte, 12)
	if _, err := io.ReadFull(conn, first); err != nil || string(first) != "HTTP/1.1 413" {
		t.Errorf("got %q, %v; want it refused before it is sent", first, err)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

func TestAFileThatIsCutIsNotTaken(t *testing.T) {
	r := received(t, DefaultConfig(), func(source.File) error { return nil })
	conn, err := net.Dial("tcp", strings.Split(strings.TrimPrefix(r.url, "http://"), "/")[0])
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "PUT /v1/files/cut.nc HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil || !bytes.HasPrefix(got, []byte("HTTP/1.1 400")) {
		t.Errorf("got %.60q, %v; want 400", got, err)
	}
	if len(r.files) > 0 {
		t.Error("half a file was emitted")
	}
}

func TestToken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PUSH_TEST_TOKEN", "secret")
	for name, cfg := range map[string]Config{"file": {TokenFile: file}, "variable": {TokenEnv: "PUSH_TEST_TOKEN"}} {
		t.Run(name, func(t *testing.T) {
			r := received(t, cfg, func(source.File) error { return nil })
			for shown, want := range map[string]int{"": 401, "secret": 401, "Bearer wrong": 401, "Bearer secret": 201} {
				if status, a := put(t, r.url+"a.nc", strings.NewReader(text), "Authorization", shown); status != want {
					t.Errorf("%q: %d %+v, want %d", shown, status, a, want)
				}
			}
		})
	}
	if _, err := New(Config{TokenEnv: "PUSH_TEST_NOT_SET"}, t.TempDir(), nil); err == nil {
		t.Error("a token that is not set lets everybody in")
	}
}

// TestTheSenderWaits holds that the answer comes with the outcome, not before, and that a stop is told.
func TestTheSenderWaits(t *testing.T) {
	leaked := goleak.IgnoreCurrent()
	l, p := listen(t), newPush(t, DefaultConfig())
	ctx, cancel := context.WithCancel(t.Context())
	files, ended := make(chan source.File), make(chan error, 1)
	go func() {
		ended <- p.serve(ctx, l, func(ctx context.Context, f source.File) error {
			files <- f
			return nil
		})
	}()
	url := "http://" + l.Addr().String() + "/v1/files/"
	statuses := make(chan int, 2)
	var settled atomic.Bool
	send := func(name string) {
		r, _ := http.NewRequest(http.MethodPut, url+name, strings.NewReader(text))
		got, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
		if err != nil {
			t.Error(err)
			statuses <- 0
			return
		}
		_ = got.Body.Close()
		if !settled.Load() {
			t.Errorf("answered %d before the file was announced", got.StatusCode)
		}
		statuses <- got.StatusCode
	}
	go send("first.nc")
	first := <-files
	settled.Store(true)
	first.Settle(nil)
	if status := <-statuses; status != 201 {
		t.Errorf("status %d, want 201", status)
	}
	go send("second.nc")
	second := <-files
	cancel()
	second.Settle(context.Canceled) // as ingest does with what it has in hand when it is stopped
	if status := <-statuses; status != 503 {
		t.Errorf("status %d at the stop, want 503", status)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	goleak.VerifyNone(t, leaked)
}

func TestWhatAKilledProgramLeftIsRemoved(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"push-123.part", "mine.nc"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := New(DefaultConfig(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.clean(); err != nil {
		t.Fatal(err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(left) != 1 || filepath.Base(left[0]) != "mine.nc" {
		t.Errorf("%v is left, want only what is not ours", left)
	}
}

func TestMistakes(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no port": {Listen: "localhost"}, "two tokens": {Listen: ":1", TokenEnv: "A", TokenFile: "b"},
	} {
		if cfg.Validate() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
