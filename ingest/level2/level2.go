// Package level2 reads and writes NEXRAD Level II: Archive II volumes of every age, and the parts in which they come
// while the antenna turns. Sources: NOAA's Interface Control Documents 2620010 (Archive II: header, records) and
// 2620002 (RDA/RPG: messages), in their builds from 1991 to today.
package level2

import (
	"bytes"
	"errors"
	"fmt"
	"path"

	"bowecho/ingest/gzipped"
	"bowecho/internal/radar"
)

// Bounds on what a file may hold. The largest volume known inflates to 78 MB in records of 0.8 MB.
const (
	maxBytes       = 256 << 20
	maxRecordBytes = 16 << 20
	maxGates       = 4096      // of one moment of one radial; super-resolution has 1832
	maxValues      = 128 << 20 // of all moments of a volume
)

// Decode reads one volume, or one part of a volume. What is good before a cut or beside damage is kept, and the scan's
// Flaws say what is not. Moments hold codes, as the file does: Scan.Expand makes them values. Errors name the file, what
// is wrong with it and what to do.
func Decode(name string, data []byte) (*radar.Scan, error) {
	c, err := read(data)
	defer c.release()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	scan, err := c.scan(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	return scan, nil
}

// IsLevel2 tells by its first bytes whether a file, gzipped or not, is Level II.
func IsLevel2(data []byte) bool {
	if gzipped.Is(data) {
		data = gzipped.Head(data, headerBytes+frameBytes)
	}
	return hasHeader(data) || isRecord(data) || isRadial(data)
}

// content is what files or parts of one volume hold before their radials are put in order.
type content struct {
	station string // as the volume's header gives it, "" without one
	pattern int    // of message 5, 0 without one
	radials []radial
	flaws   flaws
	slabs   []*slab // where the radials' bodies lie
}

// headerBytes is the length of the volume's header: its version, date, time and station.
const headerBytes = 24

func hasHeader(data []byte) bool {
	return bytes.HasPrefix(data, []byte("AR2V")) || bytes.HasPrefix(data, []byte("ARCHIVE2"))
}

// read gives what the file holds, beside an error too.
func read(data []byte) (*content, error) {
	c := &content{}
	if len(data) == 0 {
		return c, errors.New("the file is empty; ask for it again")
	}
	if len(data) > maxBytes {
		return c, fmt.Errorf("more than %d MiB, which no volume is", maxBytes>>20)
	}
	data, err := c.unzip(data)
	if err != nil {
		return c, err
	}
	body := data
	switch {
	case hasHeader(data) && len(data) <= headerBytes:
		return c, fmt.Errorf("cut off after %d bytes, in or just after its header; ask for it again", len(data))
	case hasHeader(data):
		body = data[headerBytes:]
		if station := string(data[20:24]); isStation(station) {
			c.station = station
		}
	case !isRecord(data) && !isRadial(data):
		return c, errors.New("neither a volume's header nor a record of one: it is not NEXRAD Level II")
	}
	if !isRecord(body) {
		if w := walk(body); len(w.radials) > 0 || findRecord(body, 0) < 0 {
			c.take(w)
			return c, nil
		}
	}
	return c, c.takeRecords(splitRecords(body, &c.flaws))
}
