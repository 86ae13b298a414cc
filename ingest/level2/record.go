package level2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/dsnet/compress/bzip2"
)

// controlBytes is the length of the word before each record, which holds the record's length. It is negative at the last.
const controlBytes = 4

// blockMagic follows the four bytes "BZh1" to "BZh9" where a bzip2 stream begins.
var blockMagic = []byte("1AY&SY")

func isStream(data []byte) bool {
	return len(data) >= 10 && string(data[:3]) == "BZh" && data[3] >= '1' && data[3] <= '9' && bytes.Equal(data[4:10], blockMagic)
}

// isRecord tells whether data begin with a record, after its control word.
func isRecord(data []byte) bool { return len(data) > controlBytes && isStream(data[controlBytes:]) }

// findRecord gives where the next record's control word stands at or after a position, -1 where none does.
func findRecord(data []byte, from int) int {
	for at := from + controlBytes; at < len(data); {
		i := bytes.Index(data[at:], blockMagic)
		if i < 0 {
			return -1
		}
		at += i
		if start := at - 4 - controlBytes; start >= from && isRecord(data[start:]) {
			return start
		}
		at += len(blockMagic)
	}
	return -1
}

// splitRecords gives the compressed records of a volume. The control words are believed where they can be right: the
// bytes of a stream's beginning may stand inside a record. Where one cannot be right the next beginning is searched.
func splitRecords(data []byte, flaws *flaws) (records [][]byte) {
	for at := 0; at < len(data); {
		if !isRecord(data[at:]) {
			next := findRecord(data, at)
			if next < 0 {
				if len(bytes.Trim(data[at:], "\x00")) > 0 {
					flaws.add(fmt.Sprintf("%d bytes after record %d are no record", len(data)-at, len(records)))
				}
				break
			}
			flaws.add(fmt.Sprintf("%d bytes after record %d are no record", next-at, len(records)))
			at = next
		}
		length := int64(int32(binary.BigEndian.Uint32(data[at:])))
		length, at = max(length, -length), at+controlBytes
		end := at + int(length)
		if length == 0 || end > len(data) {
			if end = findRecord(data, at); end < 0 {
				end = len(data)
			}
			flaws.add(fmt.Sprintf("record %d should have %d bytes and there are %d", len(records)+1, length, end-at))
		}
		records = append(records, data[at:end])
		at = end
	}
	return records
}

// takeRecords inflates records side by side and takes what they hold, in their order.
func (c *content) takeRecords(records [][]byte) error {
	found := make([]walked, len(records))
	var next, total atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(records)) {
		wait.Go(func() {
			f := inflaters.Get().(*inflater)
			defer inflaters.Put(f)
			for i := int(next.Add(1)) - 1; i < len(records) && total.Load() <= maxBytes; i = int(next.Add(1)) - 1 {
				data, err := f.inflate(records[i])
				total.Add(int64(len(data)))
				found[i] = walk(data)
				if err != nil {
					found[i].flaws.add(fmt.Sprintf("record %d of %d is damaged after %d bytes inflated: %v", i+1, len(records), len(data), err))
				}
			}
		})
	}
	wait.Wait()
	if total.Load() > maxBytes {
		return fmt.Errorf("its records inflate to more than %d MiB, which no volume does", maxBytes>>20)
	}
	count := len(c.radials)
	for i := range found {
		count += len(found[i].radials)
	}
	c.radials = append(make([]radial, 0, count), c.radials...)
	for i := range found {
		c.take(found[i])
	}
	return nil
}

// inflater is a bzip2 reader and its buffers, used again for the next record.
type inflater struct {
	reader  bzip2.Reader
	source  bytes.Reader
	scratch []byte
}

var inflaters = sync.Pool{New: func() any { return &inflater{} }}

// scratchBytes is more than a record of 120 radials inflates to, by far most of the time.
const scratchBytes = 1 << 20

// inflate gives the content of a record: of all its streams, where it holds several. Beside an error it gives what is good.
func (f *inflater) inflate(record []byte) (data []byte, err error) {
	n := 0
	defer func() {
		if p := recover(); p != nil {
			f.reader = bzip2.Reader{}
			err = fmt.Errorf("bzip2: %v", p)
		}
		data = bytes.Clone(f.scratch[:n])
		if len(f.scratch) > scratchBytes {
			f.scratch = nil
		}
	}()
	if f.scratch == nil {
		f.scratch = make([]byte, scratchBytes)
	}
	f.source.Reset(record)
	f.reader.Reset(&f.source)
	for {
		if n == len(f.scratch) {
			if n >= maxRecordBytes {
				n = 0
				return nil, fmt.Errorf("it inflates to more than %d MiB, which no record does", maxRecordBytes>>20)
			}
			f.scratch = append(f.scratch, make([]byte, n)...)
		}
		more, err := f.reader.Read(f.scratch[n:])
		n += more
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, errors.New("it is cut off")
		case err != nil:
			return nil, err
		}
	}
}
