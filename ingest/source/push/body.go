package push

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"bowecho/ingest/source"
)

// How slowly a sender may send: a pause, and a whole file.
const (
	maxPause = 30 * time.Second
	maxTime  = 10 * time.Minute
)

// save writes the body to the spool, closes it, and gives its size and SHA-256 in hex.
func save(w http.ResponseWriter, r *http.Request, spool *os.File) (size int64, sum string, err error) {
	hash := sha256.New()
	body := &paced{
		from: http.MaxBytesReader(w, r.Body, source.MaxBytes), control: http.NewResponseController(w), end: time.Now().Add(maxTime),
	}
	size, err = io.Copy(io.MultiWriter(spool, hash), body)
	var tooLarge *http.MaxBytesError
	switch closed := spool.Close(); {
	case errors.As(err, &tooLarge):
		err = refuse(http.StatusRequestEntityTooLarge, "more than %d MiB, which no radar file is", source.MaxBytes>>20)
	case body.failed != nil:
		err = refuse(http.StatusBadRequest, "the file did not arrive whole: %w", body.failed)
	case err == nil:
		err = closed
	}
	_ = body.control.SetReadDeadline(time.Time{})
	return size, hex.EncodeToString(hash.Sum(nil)), err
}

// paced is a body that must not stop coming.
type paced struct {
	from    io.Reader
	control *http.ResponseController
	end     time.Time
	failed  error
}

func (p *paced) Read(b []byte) (int, error) {
	deadline := time.Now().Add(maxPause)
	if p.end.Before(deadline) {
		deadline = p.end
	}
	if err := p.control.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	n, err := p.from.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		p.failed = err
	}
	return n, err
}

// sums are what the sender says that the SHA-256 is, in hex.
type sums []string

// digests reads Content-Digest (RFC 9530) and X-Checksum-Sha256. Other algorithms than SHA-256 are not looked at.
func digests(h http.Header) (want sums, err error) {
	for _, field := range strings.Split(strings.Join(h.Values("Content-Digest"), ","), ",") {
		value, ours := strings.CutPrefix(strings.TrimSpace(field), "sha-256=")
		if !ours {
			continue
		}
		sum, err := base64.StdEncoding.DecodeString(strings.Trim(value, ":"))
		if err != nil || len(sum) != sha256.Size || !strings.HasPrefix(value, ":") {
			return nil, refuse(http.StatusBadRequest, "Content-Digest is %q, want sha-256=:BASE64:", field)
		}
		want = append(want, hex.EncodeToString(sum))
	}
	if given := h.Get("X-Checksum-Sha256"); given != "" {
		sum, err := hex.DecodeString(given)
		if err != nil || len(sum) != sha256.Size {
			return nil, refuse(http.StatusBadRequest, "X-Checksum-Sha256 is %q, want 64 hexadecimal digits", given)
		}
		want = append(want, strings.ToLower(given))
	}
	return want, nil
}

func (want sums) agree(got string) error {
	if i := slices.IndexFunc(want, func(s string) bool { return s != got }); i >= 0 {
		return refuse(http.StatusUnprocessableEntity, "the SHA-256 of what came is %s, want %s; send it again", got, want[i])
	}
	return nil
}
