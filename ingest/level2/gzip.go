package level2

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

var gzipMagic = []byte{0x1f, 0x8b}

// unzip gives the content of a gzipped file, never more than maxBytes of it. Of one that is cut off or damaged it gives
// what is good.
func (c *content) unzip(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, gzipMagic) {
		return data, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("gzip header: %w; ask for the file again", err)
	}
	out := bytes.NewBuffer(make([]byte, 0, min(12*len(data), maxBytes)))
	n, err := io.Copy(out, io.LimitReader(reader, maxBytes+1))
	switch {
	case n > maxBytes:
		return nil, fmt.Errorf("inflates to more than %d MiB from %d bytes, which no volume does", maxBytes>>20, len(data))
	case n == 0:
		return nil, errors.New("nothing of its gzip stream inflates; ask for the file again")
	case errors.Is(err, io.ErrUnexpectedEOF):
		c.flaws.add(fmt.Sprintf("the file is cut off: its gzip stream ends early, after %d bytes inflated", n))
	case err != nil:
		c.flaws.add(fmt.Sprintf("the gzip stream is damaged after %d bytes inflated: %v", n, err))
	}
	return out.Bytes(), nil
}

// beginning gives as much of a gzipped file's content as tells what it is.
func beginning(data []byte) []byte {
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	head := make([]byte, headerBytes+frameBytes)
	n, _ := io.ReadFull(reader, head)
	return head[:n]
}
