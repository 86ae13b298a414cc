package classic

import (
	"encoding/binary"
	"strings"
	"testing"
)

// bytesOf writes 32-bit numbers, and texts padded to four bytes.
func bytesOf(parts ...any) (b []byte) {
	for _, part := range parts {
		switch p := part.(type) {
		case int:
			b = binary.BigEndian.AppendUint32(b, uint32(p))
		case string:
			b = append(b, p...)
			for len(b)%4 != 0 {
				b = append(b, 0)
			}
		case []byte:
			b = append(b, p...)
		}
	}
	return b
}

// TestHostileHeaders holds that a header cannot make a reader take more memory than its file is worth.
func TestHostileHeaders(t *testing.T) {
	start := bytesOf("CDF\x01", 0)
	none := bytesOf(0, 0)
	variable := func(name string) []byte {
		return bytesOf(1, name, 1, 0, none, int(Float), 4000, 40)
	}
	for _, c := range []struct {
		what, word string
		data       []byte
	}{
		{"many dimensions", "list of 5000 items", bytesOf(start, tagDimension, 5000, strings.Repeat("\x00\x00\x00\x01a\x00\x00\x00\x00\x00\x00\x01", 5000))},
		{"many attributes", "list of 100000 items", bytesOf(start, none, tagAttribute, 100000, make([]byte, 4<<20))},
		{"many variables", "list of 100000 items", bytesOf(start, none, none, tagVariable, 100000, make([]byte, 4<<20))},
		{"long name", "a name of 1048576 bytes", bytesOf(start, tagDimension, 1, 1<<20, make([]byte, 1<<20), 1)},
		{"large attributes", "attribute a has", bytesOf(start, none, tagAttribute, 1, 1, "a", int(Byte), 2<<20, make([]byte, 2<<20))},
		{"variables over the same bytes", "hold more than the file's", bytesOf(start, tagDimension, 1, 1, "x", 1000, none,
			tagVariable, 3, variable("a"), variable("b"), variable("c"), make([]byte, 4000))},
	} {
		t.Run(c.what, func(t *testing.T) {
			if _, err := Read(c.data); err == nil || !strings.Contains(err.Error(), c.word) {
				t.Errorf("got %v, want an error that says %q", err, c.word)
			}
		})
	}
}
