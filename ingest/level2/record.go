package level2

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
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
	workers := make([]*inflater, min(runtime.GOMAXPROCS(0), len(records)))
	var next, total atomic.Int64
	var wait sync.WaitGroup
	for w := range workers {
		workers[w] = inflaters.Get().(*inflater)
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(records) && total.Load() <= maxBytes; i = int(next.Add(1)) - 1 {
				data, err := workers[w].inflate(records[i])
				total.Add(int64(len(data)))
				found[i] = walk(data)
				if err != nil {
					found[i].flaws.add(fmt.Sprintf("record %d of %d is damaged after %d bytes inflated: %v", i+1, len(records), len(data), err))
				}
			}
		})
	}
	wait.Wait()
	for _, w := range workers {
		c.slabs = append(c.slabs, w.handOver()...)
		inflaters.Put(w)
	}
	if total.Load() > maxBytes {
		return fmt.Errorf("its records inflate to more than %d MiB, which no volume does", maxBytes>>20)
	}
	for i := range found {
		c.take(found[i])
	}
	return nil
}
