package level2

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"bowecho/internal/radar"
)

// legacyVolume writes message 1 in frames, as stations did until 2008: one cut of rays rays.
func legacyVolume(header string, rays, resolution int) []byte {
	out := append([]byte(header), make([]byte, headerBytes-len(header))...)
	for ray := range rays {
		b := make([]byte, legacyBytes+460+2*920)
		put := func(at, v int) { binary.BigEndian.PutUint16(b[at:], uint16(v)) }
		binary.BigEndian.PutUint32(b, uint32(1000*ray))
		for at, v := range map[int]int{
			4: 10715, 8: ray * 65536 / rays, 10: ray + 1, 12: 1, 14: 91, 16: 1, 18: 0, 20: -375, 22: 1000, 24: 250,
			26: 460, 28: 920, 36: legacyBytes, 38: legacyBytes + 460, 40: legacyBytes + 460 + 920, 42: resolution, 44: 11, 60: 2610,
		} {
			put(at, v)
		}
		for i := range b[legacyBytes:] {
			b[legacyBytes+i] = byte(i + ray)
		}
		start := len(out)
		out = appendMessage(out, legacyRadialKind, time.Date(1999, 5, 3, 23, 56, 21, 0, time.UTC), b)
		out = append(out, make([]byte, start+frameBytes-len(out))...)
	}
	return out
}

func TestLegacy(t *testing.T) {
	scan, err := decodeValues("KTLX19990503_235621", zipped(t, legacyVolume("ARCHIVE2.031", 360, 2)))
	if err != nil {
		t.Fatal(err)
	}
	if scan.Site != sites()["KTLX"] || scan.Pattern != 11 || scan.Sweeps[0].NyquistMS != 26.1 || scan.Flaws != nil {
		t.Errorf("site %+v, pattern %d, Nyquist %g, flaws %q", scan.Site, scan.Pattern, scan.Sweeps[0].NyquistMS, scan.Flaws)
	}
	if e := scan.Sweeps[0].ElevationDeg; math.Abs(e-91*codedAngle) > 1e-4 {
		t.Errorf("elevation %g°", e)
	}
	if a := scan.Sweeps[0].Rays[90].AzimuthDeg; a != 90 {
		t.Errorf("ray 90 looks to %g°, want 90°", a)
	}
	for _, c := range []struct {
		moment string
		gates  radar.Gates
		gate   int
		want   float32
	}{
		{radar.DBZH, radar.Gates{Count: 460, SpacingM: 1000}, 66, 0},
		{radar.DBZH, radar.Gates{Count: 460, SpacingM: 1000}, 100, 17},
		{radar.VRADH, radar.Gates{Count: 920, FirstM: -375, SpacingM: 250}, 129 + 256 - 460%256, 0},
		{radar.WRADH, radar.Gates{Count: 920, FirstM: -375, SpacingM: 250}, 139 + 256 - (460+920)%256, 5},
	} {
		m := scan.Sweeps[0].Moment(c.moment)
		if m == nil || m.Gates != c.gates || m.Values[c.gate] != c.want {
			t.Errorf("%s is %+v, gate %d %g, want %+v and %g", c.moment, m.Gates, c.gate, m.Values[c.gate], c.gates, c.want)
		}
	}
	coarse := decoded(t, legacyVolume("AR2V0001.031xxxxxxxxKTLX", 8, 4))
	if v := coarse.Sweeps[0].Moment(radar.VRADH).Values[139+256-460%256]; v != 10 {
		t.Errorf("velocity in steps of 1 m/s is %g, want 10", v)
	}
}

// A file of message 1 must never give nothing without saying so.
func TestLegacyWithoutMoments(t *testing.T) {
	data := legacyVolume("AR2V0001.031xxxxxxxxKTLX", 8, 2)
	for ray := range 8 {
		clear(data[headerBytes+ray*frameBytes+tapeBytes+messageHeaderBytes+36:][:6])
	}
	if scan, err := Decode("x", data); err == nil || !strings.Contains(err.Error(), "no moment") {
		t.Errorf("got %v and error %v, want an error that there is no moment", scan, err)
	}
}

func TestNobodysFile(t *testing.T) {
	scan := decoded(t, legacyVolume("ARCHIVE2.001", 8, 2))
	if scan.Site.Name != unnamed || len(scan.Flaws) != 1 || !strings.Contains(scan.Flaws[0], "where") {
		t.Errorf("name %q, flaws %q, want %q and a flaw that nobody knows where", scan.Site.Name, scan.Flaws, unnamed)
	}
}
