package level2

import (
	"encoding/binary"
	"fmt"
)

// A message comes after 12 bytes of the old tape format and has a header of its own. All kinds but 29 and 31 fill
// frames of one length.
const (
	tapeBytes          = 12
	messageHeaderBytes = 16
	frameBytes         = 2432
)

// The kinds of message that are read. The others (status, clutter maps, adaptation data, performance) are stepped over.
const (
	legacyRadialKind = 1
	patternKind      = 5
	longKind         = 29
	radialKind       = 31
	lastKind         = 33
)

// walked is what the messages of a record, or of a volume without records, hold.
type walked struct {
	radials []radial
	pattern int
	flaws   flaws
}

func (c *content) take(w walked) {
	c.radials = append(c.radials, w.radials...)
	if c.pattern == 0 {
		c.pattern = w.pattern
	}
	c.flaws.join(w.flaws)
}

// message is one of them: its kind, when it was made, and what comes after its header.
type message struct {
	kind byte
	date uint16 // days, 1 is 1970-01-01
	ms   uint32 // since midnight
	body []byte
}

// walk reads messages one after the other. Where there is none that can be one it searches the next radial.
func walk(data []byte) (w walked) {
	var date uint16
	for at := 0; at < len(data); {
		m, length, ok := messageAt(data[at:])
		if !ok {
			next := findRadial(data, at+2, date)
			if next > at && len(data)-at >= tapeBytes+messageHeaderBytes {
				w.flaws.add(fmt.Sprintf("%d bytes hold no whole message", next-at))
			}
			at = next
			continue
		}
		if m.kind == radialKind || m.kind == legacyRadialKind {
			date = m.date
		}
		w.read(m, len(data)-at)
		at += length
	}
	return w
}

// read takes a message; left is how many bytes there are from it to the end of the data.
func (w *walked) read(m message, left int) {
	if m.kind == patternKind && len(m.body) >= 6 {
		w.pattern = int(binary.BigEndian.Uint16(m.body[4:]))
	}
	r, flaw := radialOf(m)
	if flaw != "" {
		w.flaws.add(flaw)
	}
	if r.body == nil {
		return
	}
	if w.radials == nil {
		w.radials = make([]radial, 0, 1+left/max(len(m.body), frameBytes))
	}
	w.radials = append(w.radials, r)
}

// radialOf reads a message that holds a radial, and nothing of any other.
func radialOf(m message) (r radial, flaw string) {
	switch m.kind {
	case radialKind:
		return newRadial(m)
	case legacyRadialKind:
		return newLegacyRadial(m)
	}
	return radial{}, ""
}

// messageAt gives the message at the beginning of the data and how far it is to the next one.
func messageAt(data []byte) (m message, length int, ok bool) {
	if len(data) < tapeBytes+messageHeaderBytes {
		return m, 0, false
	}
	header := data[tapeBytes : tapeBytes+messageHeaderBytes]
	if [messageHeaderBytes]byte(header) == [messageHeaderBytes]byte{} { // an empty frame
		return m, min(frameBytes, len(data)), true
	}
	m = message{kind: header[3], date: binary.BigEndian.Uint16(header[6:]), ms: binary.BigEndian.Uint32(header[8:])}
	size := 2 * int(binary.BigEndian.Uint16(header))
	segments, segment := binary.BigEndian.Uint16(header[12:]), binary.BigEndian.Uint16(header[14:])
	variable := m.kind == radialKind || m.kind == longKind
	if variable && size == 2*0xffff { // too long for its field: the segments' fields hold the bytes
		size = int(segments)<<16 | int(segment)
	} else if (variable || m.kind == legacyRadialKind) && (segment == 0 || segment > segments) {
		return m, 0, false // other kinds were seen to number theirs wrongly
	}
	length = tapeBytes + size
	if m.kind > lastKind || size < messageHeaderBytes || length > len(data) || !variable && length > frameBytes {
		return m, 0, false
	}
	m.body = data[tapeBytes+messageHeaderBytes : length]
	if !variable {
		length = min(frameBytes, len(data))
	}
	return m, length, true
}

// isRadial tells whether data begin with a message that holds a radial, without a volume's header and records.
func isRadial(data []byte) bool {
	m, _, _ := messageAt(data)
	r, flaw := radialOf(m)
	return r.body != nil && flaw == ""
}

// findRadial gives where the next message stands that holds a radial of that day (of any day where it is 0), or the
// day after or before; the end where there is none.
func findRadial(data []byte, from int, date uint16) int {
	for at := from; at+tapeBytes+messageHeaderBytes <= len(data); at += 2 {
		if kind := data[at+tapeBytes+3]; kind != radialKind && kind != legacyRadialKind {
			continue
		}
		m, _, ok := messageAt(data[at:])
		if !ok || m.ms >= msPerDay || m.date == 0 || date != 0 && (m.date+1 < date || m.date > date+1) {
			continue
		}
		if r, flaw := radialOf(m); r.body != nil && flaw == "" {
			return at
		}
	}
	return len(data)
}
