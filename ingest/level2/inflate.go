package level2

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/dsnet/compress/bzip2"
)

// slab is memory in which inflated records lie one behind the other. Slabs are used again, since asking for fresh memory
// takes as long as reading what is in it.
type slab [4 << 20]byte

var slabs = sync.Pool{New: func() any { return new(slab) }}

// release gives the memory of the records back. The radials' bodies are not to be read any more.
func (c *content) release() {
	for _, s := range c.slabs {
		slabs.Put(s)
	}
	c.slabs, c.radials = nil, nil
}

// keep copies the radials out of memory that is used again, so that they can wait for others.
func (c *content) keep() {
	for i := range c.radials {
		c.radials[i].body = bytes.Clone(c.radials[i].body)
	}
	radials := c.radials
	c.release()
	c.radials = radials
}

// inflater is a bzip2 reader and the memory that it fills.
type inflater struct {
	reader bzip2.Reader
	source bytes.Reader
	free   []byte
	filled []*slab
}

var inflaters = sync.Pool{New: func() any { return &inflater{} }}

// handOver gives the slabs that were used, and leaves none.
func (f *inflater) handOver() []*slab {
	filled := f.filled
	f.free, f.filled = nil, nil
	return filled
}

// grow gives a longer buffer with the same beginning.
func (f *inflater) grow(buffer []byte) []byte {
	if len(buffer) >= len(slab{}) {
		return append(buffer, make([]byte, len(buffer))...)
	}
	s := slabs.Get().(*slab)
	f.filled = append(f.filled, s)
	copy(s[:], buffer)
	return s[:]
}

// inflate gives the content of a record: of all its streams, where it holds several. Beside an error it gives what is
// good, which is the blocks whose checksums match.
func (f *inflater) inflate(record []byte) (data []byte, err error) {
	buffer, n := f.free, 0
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("bzip2: %v", p)
		}
		if err != nil {
			f.reader = bzip2.Reader{} // it would go on with what it still has of this record after a Reset
		}
		data, f.free = buffer[:n:n], buffer[n:]
	}()
	f.source.Reset(record)
	if err := f.reader.Reset(&f.source); err != nil {
		return nil, err
	}
	block, input := 0, int64(0) // where the last block begins in the buffer, and ends in the record
	for {
		if n == len(buffer) {
			if n >= maxRecordBytes {
				n = 0
				return nil, fmt.Errorf("it inflates to more than %d MiB, which no record does", maxRecordBytes>>20)
			}
			buffer = f.grow(buffer)
		}
		more, err := f.reader.Read(buffer[n:])
		if more > 0 && f.reader.InputOffset != input {
			block, input = n, f.reader.InputOffset
		}
		n += more
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil
		case err != nil && f.reader.InputOffset == input: // nothing was read since the block, so it is its checksum
			n = block
			return nil, err
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, errors.New("it is cut off")
		case err != nil:
			return nil, err
		}
	}
}
