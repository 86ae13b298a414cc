// Package gzipped inflates gzipped files of strangers, and never more of them than is asked for.
package gzipped

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// ErrCut says that a file ends before its content does.
var ErrCut = errors.New("truncated: the gzip stream ends early")

// Is tells whether bytes begin as a gzipped file.
func Is(data []byte) bool { return bytes.HasPrefix(data, []byte{0x1f, 0x8b}) }

// Inflate gives the content of a file. Of one that is cut off (ErrCut) or damaged it gives what is good, too; of one
// that holds more than most bytes, nothing.
func Inflate(data []byte, most int) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("gzip header: %w; ask for the file again", err)
	}
	out := bytes.NewBuffer(make([]byte, 0, min(8*len(data), most)))
	n, err := io.Copy(out, io.LimitReader(reader, int64(most)+1))
	switch {
	case n > int64(most):
		return nil, fmt.Errorf("inflates to more than %d MiB from %d bytes, which no radar file does", most>>20, len(data))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return out.Bytes(), fmt.Errorf("%w, after %d bytes inflated; ask for the file again", ErrCut, n)
	case err != nil:
		return out.Bytes(), fmt.Errorf("the gzip stream is damaged after %d bytes inflated: %w; ask for the file again", n, err)
	case n == 0:
		return nil, errors.New("the gzip stream is empty; ask for the file again")
	}
	return out.Bytes(), nil
}

// Head gives the first n bytes of the content, fewer where it does not inflate so far.
func Head(data []byte, n int) []byte {
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	head := make([]byte, n)
	n, _ = io.ReadFull(reader, head)
	return head[:n]
}
