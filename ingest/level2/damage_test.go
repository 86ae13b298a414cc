package level2

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"bowecho/internal/radar"
)

// outcome is what became of a damaged volume. It must never be less than the whole without a word.
type outcome struct{ same, flawed, refused int }

func (o *outcome) try(t *testing.T, what string, at int, whole *radar.Scan, data []byte, silent func() bool) {
	t.Helper()
	scan, err := decodeValues("KFWS", data)
	switch {
	case err != nil:
		o.refused++
	case len(scan.Flaws) > 0:
		o.flawed++
	case silent() || difference(whole, scan) == "":
		o.same++
	default:
		t.Errorf("%s at %d: the scan differs and has no flaw: %s", what, at, difference(whole, scan))
	}
}

func never() bool { return false }

// packed writes a scan as records of few radials, without metadata.
func packed(t testing.TB, scan *radar.Scan, radials int) []byte {
	out := volumeHeader(scan)
	var content []byte
	count := 0
	for s := range scan.Sweeps {
		for ray := range scan.Sweeps[s].Rays {
			content = appendRadial(content, scan, s, ray)
			if count++; count%radials == 0 {
				out = append(out, record(squeeze(t, content))...)
				content = nil
			}
		}
	}
	return out
}

func TestTruncation(t *testing.T) {
	scan := storm([]float64{0.5, 1.5}, 12, 40)
	for name, data := range map[string][]byte{
		"records": packed(t, scan, 6), "gzipped": zipped(t, packed(t, scan, 6)), "frames": bare(scan),
	} {
		ends := map[int]bool{}
		if name != "gzipped" {
			ends = boundaries(data)
		}
		var o outcome
		step := max(len(data)/1000, 1) * fraction

		for at := 0; at < len(data); at += step {
			o.try(t, name+" cut", at, scan, data[:at], func() bool { return ends[at] })
		}
		t.Logf("%s of %d bytes: %+v", name, len(data), o)
		if n := o.same + o.flawed + o.refused; n < 800/fraction || o.flawed == 0 || o.refused == 0 {
			t.Errorf("%s: %+v, want at least 800 cuts, some that leave a part and some that leave nothing", name, o)
		}
	}
}

// boundaries gives where one record or message ends and the next begins: a file that ends there looks whole.
func boundaries(data []byte) map[int]bool {
	ends := map[int]bool{}
	if isRecord(data[headerBytes:]) {
		for at := headerBytes; at < len(data); {
			at += controlBytes + int(binary.BigEndian.Uint32(data[at:]))
			ends[at], ends[at+1], ends[at+2] = true, true, true // two zeros of the next control word
		}
		return ends
	}
	for at := headerBytes; at < len(data); {
		_, length, _ := messageAt(data[at:])
		at += length
		for less := range tapeBytes + messageHeaderBytes { // too little for a message
			ends[at+less] = true
		}
	}
	return ends
}

func TestFlippedBits(t *testing.T) {
	scan := storm([]float64{0.5}, 12, 24)
	volume, frames := packed(t, scan, 6), bare(scan)
	random := rand.New(rand.NewPCG(1, 2))
	var compressed, plain outcome
	for range 2000 / fraction {
		data := bytes.Clone(volume)
		at := headerBytes + random.IntN(len(data)-headerBytes)
		data[at] ^= 1 << random.IntN(8)
		compressed.try(t, "flip in records", at, scan, data, never)
	}
	for range 8000 / fraction { // frames have no checksum: a flip may change a value unseen
		data := bytes.Clone(frames)
		for range 1 + random.IntN(4) {
			data[random.IntN(len(data))] ^= 1 << random.IntN(8)
		}
		plain.try(t, "flip in frames", 0, scan, data, func() bool { return true })
	}
	t.Logf("records: %+v; frames: %+v", compressed, plain)
	if compressed.refused > 0 || compressed.same > 20 { // the signs of control words and a few padding bits do not matter
		t.Errorf("records: %+v, want each flip to be seen and the other record to be kept", compressed)
	}
}

// patched changes a volume without compression at each place where a mark stands, from one such place on.
func patched(data []byte, mark string, from int, change func(at []byte)) []byte {
	data = bytes.Clone(data)
	for at, n := 0, 0; ; n++ {
		i := bytes.Index(data[at:], []byte(mark))
		if i < 0 {
			return data
		}
		if at += i; n >= from {
			change(data[at:])
		}
		at += len(mark)
	}
}

func TestDamagedRadials(t *testing.T) {
	scan := storm([]float64{0.5}, 10, 30)
	plain := bare(scan)
	for name, c := range map[string]struct {
		data     []byte
		rays     int
		without  string // a moment that is not there
		flaw     string
		rejected string
	}{
		"gates 0":            {data: patched(plain, "DREF", 0, func(b []byte) { b[8], b[9] = 0, 0 }), rays: 10, without: radar.DBZH},
		"gates beyond":       {data: patched(plain, "DCFP", 0, func(b []byte) { b[8], b[9] = 7, 48 }), rays: 10, without: radar.CFP, flaw: "CFP of a radial has no sound gates"},
		"gates over another": {data: patched(plain, "DREF", 0, func(b []byte) { b[9] = 90 }), rays: 10, without: radar.DBZH, flaw: "DBZH of a radial"},
		"scale 0":            {data: patched(plain, "DZDR", 0, func(b []byte) { clear(b[20:24]) }), rays: 10, without: radar.ZDR, flaw: "ZDR of a radial"},
		"scale NaN":          {data: patched(plain, "DZDR", 0, func(b []byte) { binary.BigEndian.PutUint32(b[20:], math.Float32bits(float32(math.NaN()))) }), rays: 10, without: radar.ZDR, flaw: "ZDR of a radial"},
		"spacing 0":          {data: patched(plain, "DPHI", 0, func(b []byte) { b[12], b[13] = 0, 0 }), rays: 10, without: radar.PHIDP, flaw: "PHIDP of a radial"},
		"words of 7 bits":    {data: patched(plain, "DRHO", 0, func(b []byte) { b[19] = 7 }), rays: 10, without: radar.RHOHV, flaw: "RHOHV of a radial"},
		"an unknown moment":  {data: patched(plain, "DVEL", 0, func(b []byte) { b[3] = 1 }), rays: 10, without: radar.VRADH, flaw: "moment VE? is unknown"},
		"other gates":        {data: patched(plain, "DVEL", 5, func(b []byte) { b[13] = 100 }), rays: 10, flaw: "other gates"},
		"azimuth":            {data: patched(plain, "KFWS", 4, func(b []byte) { b[12] = 0x7f }), rays: 3, flaw: "no sound time, angles or cut"},
		"block outside":      {data: patched(plain, "KFWS", 1, func(b []byte) { b[32+4*3] = 9 }), rays: 10, without: radar.DBZH, flaw: "a block is outside"},
		"too many blocks":    {data: patched(plain, "KFWS", 1, func(b []byte) { b[30] = 9 }), rejected: "list of blocks is damaged"},
		"compressed radials": {data: patched(plain, "KFWS", 1, func(b []byte) { b[16] = 1 }), rejected: "compressed by itself"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decodeValues(name, c.data)
			if c.rejected != "" {
				if err == nil || !strings.Contains(err.Error(), c.rejected) {
					t.Fatalf("error %v, want one with %q", err, c.rejected)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if n := len(got.Sweeps[0].Rays); n != c.rays {
				t.Errorf("%d rays, want %d", n, c.rays)
			}
			if c.without != "" && got.Sweeps[0].Moment(c.without) != nil {
				t.Errorf("has %s", c.without)
			}
			if all := strings.Join(got.Flaws, "; "); (c.flaw == "") != (all == "") || !strings.Contains(all, c.flaw) {
				t.Errorf("flaws %q, want %q", all, c.flaw)
			}
		})
	}
}

// A wrong length in one message must not take the rest of the volume with it.
func TestFindsTheNextRadial(t *testing.T) {
	scan := storm([]float64{0.5}, 20, 30)
	for _, length := range []uint16{0, 9, 5000, 0xfffe} {
		data := bare(scan)
		at := headerBytes + 2*frameBytes + 5*len(appendRadial(nil, scan, 0, 0)) + tapeBytes
		for string(data[at+16:at+20]) != "KFWS" {
			at--
		}
		binary.BigEndian.PutUint16(data[at:], length)
		got := decoded(t, data)
		if n := len(got.Sweeps[0].Rays); n < 8 || n == 20 || len(got.Flaws) == 0 {
			t.Errorf("length %d: %d rays of 20, flaws %q, want most of them and a flaw", length, n, got.Flaws)
		}
	}
}

func TestControlWords(t *testing.T) {
	scan := storm([]float64{0.5}, 12, 24)
	for _, word := range []uint32{0, 1, 0xffffffff, 0x80000000, 0x7fffffff, 0x00ffffff} {
		data := packed(t, scan, 4)
		second := headerBytes + controlBytes + int(binary.BigEndian.Uint32(data[headerBytes:]))
		binary.BigEndian.PutUint32(data[second:], word)
		got := decoded(t, data)
		if n := len(got.Sweeps[0].Rays); n < 8 || len(got.Flaws) == 0 {
			t.Errorf("control word %#x: %d rays of 12, flaws %q, want two records' at least and a flaw", word, n, got.Flaws)
		}
	}
	negative := packed(t, scan, 4)
	length := binary.BigEndian.Uint32(negative[headerBytes:])
	binary.BigEndian.PutUint32(negative[headerBytes:], -length)
	if d := difference(scan, decoded(t, negative)); d != "" {
		t.Errorf("first control word negative: %s", d)
	}
}

// The bytes with which a stream begins may stand among the codes of a volume without compression.
func TestStreamMagicInside(t *testing.T) {
	scan := storm([]float64{0.5}, 6, 40)
	data := patched(bare(scan), "DREF", 0, func(b []byte) { copy(b[momentBytes:], "\x00\x00\x10\x00BZh91AY&SY") })
	if n := len(decoded(t, data).Sweeps[0].Rays); n != 6 {
		t.Errorf("%d rays, want 6", n)
	}
}

func TestBombs(t *testing.T) {
	scan := storm([]float64{0.5}, 6, 10)
	bomb := record(squeeze(t, make([]byte, maxRecordBytes+1)))
	good := packed(t, scan, 6)
	got := decoded(t, append(bytes.Clone(good), bomb...))
	if len(got.Sweeps[0].Rays) != 6 || len(got.Flaws) != 1 || !strings.Contains(got.Flaws[0], "more than 16 MiB") {
		t.Errorf("beside a bomb of %d bytes %d rays, flaws %q", len(bomb), len(got.Sweeps[0].Rays), got.Flaws)
	}
	if fraction > 1 {
		t.Skip("hundreds of MB under the race detector")
	}
	almost := record(squeeze(t, make([]byte, maxRecordBytes-1)))
	if _, err := Decode("x", append(bytes.Clone(good), bytes.Repeat(almost, 17)...)); err == nil || !strings.Contains(err.Error(), "more than 256 MiB") {
		t.Errorf("17 records of 16 MiB: error %v", err)
	}
	var zeros bytes.Buffer
	w := gzip.NewWriter(&zeros)
	for range maxBytes>>20 + 1 {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Decode("x", zeros.Bytes()); err == nil || !strings.Contains(err.Error(), "more than 256 MiB") {
		t.Errorf("257 MiB of zeros in %d bytes: error %v", zeros.Len(), err)
	}
}

// Many short radials beside one long one would need far more memory than they bring.
func TestFewGatesManyRays(t *testing.T) {
	scan := storm([]float64{0.5}, 6000, 2)
	data := bare(scan)
	long := storm([]float64{0.5}, 1, 1800)
	data = appendRadial(data, long, 0, 0)
	if _, err := Decode("x", data); err == nil || !strings.Contains(err.Error(), "far more than its radials bring") {
		t.Errorf("error %v", err)
	}
}

func TestNoVolume(t *testing.T) {
	header := volumeHeader(storm([]float64{0.5}, 1, 1))
	for name, c := range map[string]struct{ data, want string }{
		"empty":         {"", "the file is empty"},
		"text":          {"<html>404</html>", "not NEXRAD Level II"},
		"header":        {string(header), "cut off after 24 bytes"},
		"half a header": {"AR2V0006.", "cut off after 9 bytes"},
		"metadata":      {string(header) + string(record(squeeze(t, metadata(storm([]float64{0.5}, 1, 1))))), "no radial in it, only metadata"},
		"zeros":         {string(header) + strings.Repeat("\x00", 9999), "no radial in it"},
		"half gzip":     {"\x1f\x8b\x08", "gzip header"},
	} {
		_, err := Decode("dir/name", []byte(c.data))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "name: ") {
			t.Errorf("%s: error %v, want one of \"name\" with %q", name, err, c.want)
		}
	}
}
