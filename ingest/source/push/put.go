package push

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/stream"
)

// answer is what a sender gets as JSON.
type answer struct {
	Name   string `json:"name,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Known  bool   `json:"known,omitempty"` // its content had been taken before
	Error  string `json:"error,omitempty"`
}

// refusal is a file that is not taken, and the HTTP status that says so.
type refusal struct {
	status int
	error
}

func refuse(status int, format string, args ...any) error {
	return refusal{status, fmt.Errorf(format, args...)}
}

// put receives one file and answers when it is known what became of it.
func (p *Push) put(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	a := answer{Name: r.PathValue("name")}
	err := p.check(r, a.Name)
	if err == nil {
		err = p.receive(ctx, w, r, &a)
	}
	write(w, a, err)
}

func (p *Push) check(r *http.Request, name string) error {
	shown, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case p.token != "" && (!bearer || subtle.ConstantTimeCompare([]byte(shown), []byte(p.token)) != 1):
		return refuse(http.StatusUnauthorized, "show the token: Authorization: Bearer …")
	case !fs.ValidPath(name) || name == "." || len(name) > 255 || strings.ContainsFunc(name, unprintable):
		return refuse(http.StatusBadRequest, "%q is no name of a file, want one like KFWS20190609_222523_V06, without dots for folders", name)
	case source.Ignored(path.Base(name)):
		return refuse(http.StatusBadRequest, "%q is a name for files in the making, which are not taken", name)
	case r.ContentLength > source.MaxBytes:
		return refuse(http.StatusRequestEntityTooLarge, "%d bytes are more than %d MiB, which no radar file is", r.ContentLength, source.MaxBytes>>20)
	}
	return nil
}

func unprintable(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }

// receive gets the body onto the disk, hands it over and waits for the outcome.
func (p *Push) receive(ctx context.Context, w http.ResponseWriter, r *http.Request, a *answer) error {
	want, err := digests(r.Header)
	if err != nil {
		return err
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return errStopping
	case <-r.Context().Done():
		return r.Context().Err()
	}
	spool, err := os.CreateTemp(p.dir, partial)
	if err != nil {
		return fmt.Errorf("make room for the file: %w", err)
	}
	a.Bytes, a.SHA256, err = save(w, r, spool)
	if err == nil {
		err = want.agree(a.SHA256)
	}
	if err == nil && a.Bytes == 0 {
		err = refuse(http.StatusUnprocessableEntity, "%s is empty", a.Name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(spool.Name()))
	}
	outcome := make(chan error, 1)
	f := source.File{Name: a.Name, Path: spool.Name(), Seen: time.Now(), Pace: 1, Done: func(err error) {
		_ = os.Remove(spool.Name()) // what stays is removed at the next start
		outcome <- err
	}}
	select {
	case p.arrivals <- f:
	case <-ctx.Done():
		f.Settle(errStopping)
	}
	select {
	case err = <-outcome:
	case <-r.Context().Done(): // nobody is left to be told
		err = r.Context().Err()
	}
	if errors.Is(err, source.ErrKnown) {
		a.Known, err = true, nil
	}
	return err
}

var errStopping = errors.New("the receiver is stopping; send it again")

func write(w http.ResponseWriter, a answer, err error) {
	status := http.StatusCreated
	var r refusal
	switch {
	case errors.As(err, &r):
		status = r.status
	case stream.IsPermanent(err):
		status = http.StatusUnprocessableEntity
	case err != nil:
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	case a.Known:
		status = http.StatusOK
	}
	if err != nil {
		a.Error = err.Error()
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a) // a sender that is gone asks again
}
