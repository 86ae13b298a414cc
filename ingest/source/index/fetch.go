package index

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/stream"
)

func (x *Index) opener(e entry) source.Open {
	return func(ctx context.Context) (io.ReadCloser, error) {
		response, err := source.Get(ctx, x.client, e.url, http.Header{})
		if err != nil {
			return nil, err
		}
		if err := usable(response); err != nil {
			_ = response.Body.Close()
			return nil, fmt.Errorf("fetch %s: %w", e.url.Redacted(), err)
		}
		return response.Body, nil
	}
}

// settled is how long a file must have been left alone to count as whole, by the server's own clock, which tells whole
// seconds.
const settled = 2 * time.Second

// usable tells what is wrong with an answer.
func usable(r *http.Response) error {
	switch {
	case r.StatusCode == http.StatusNotFound || r.StatusCode == http.StatusGone:
		return stream.Permanent(fmt.Errorf("%s: it was listed, and is gone", r.Status))
	case r.StatusCode != http.StatusOK:
		return fmt.Errorf("%s", r.Status)
	case r.ContentLength > source.MaxBytes:
		return stream.Permanent(fmt.Errorf("%d bytes are more than %d MiB, which no radar file is", r.ContentLength, source.MaxBytes>>20))
	}
	now, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return nil
	}
	changed, err := http.ParseTime(r.Header.Get("Last-Modified"))
	if age := now.Sub(changed); err == nil && age >= 0 && age < settled {
		return fmt.Errorf("changed %s ago, so that it may still be being written", age)
	}
	return nil
}
