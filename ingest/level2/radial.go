package level2

import (
	"encoding/binary"
	"math"
	"time"

	"bowecho/internal/radar"
)

const msPerDay = 86_400_000

// radial is one ray as its message holds it: the codes stay where they are until their sweep is laid out.
type radial struct {
	body    []byte
	legacy  bool  // message 1
	ms      int64 // since 1970
	ray     radar.Ray
	cut     uint8 // the elevation's number in the volume
	status  uint8
	volume  uint32 // where in the body its constants of the volume stand, 0 where nowhere
	radar   uint32 // where its constants of the radial stand
	moments [len(moments)]coded
}

// A radial's status says where in its sweep it stands.
const (
	startOfSweep  = 0
	endOfSweep    = 2
	startOfVolume = 3
	endOfVolume   = 4
	startOfLast   = 5 // of the last sweep of a volume
)

func (r *radial) starts() bool {
	return r.status == startOfSweep || r.status == startOfVolume || r.status == startOfLast
}

func (r *radial) ends() bool { return r.status == endOfSweep || r.status == endOfVolume }

// Layout of message 31, in bytes of its body.
const (
	radialBytes   = 32 // up to the blocks' positions
	momentBytes   = 28 // of a moment's block before its codes
	volumeBytes   = 42 // of the volume's block up to its pattern
	constantBytes = 18 // of the radial's block up to the Nyquist velocity
	maxBlocks     = 32
)

// newRadial reads message 31. Of a radial without sound time and angles it gives nothing but the flaw; of one with a
// moment that cannot be used, all but that moment.
func newRadial(m message) (r radial, flaw string) {
	b := m.body
	if len(b) < radialBytes {
		return r, "a radial is shorter than its header"
	}
	if b[16] != 0 {
		return r, "a radial is compressed by itself, which no station is known to do"
	}
	r = radial{
		body: b, cut: b[22], status: b[21] &^ 0x80,
		ms: msSince1970(binary.BigEndian.Uint16(b[8:]), binary.BigEndian.Uint32(b[4:]), m),
	}
	if !r.look(float32At(b[12:]), float32At(b[24:])) || r.ms < 0 || r.cut == 0 {
		return radial{}, "a radial has no sound time, angles or cut"
	}
	return r, r.readBlocks()
}

// readBlocks notes where the blocks stand, and says what is wrong with the last that cannot be used.
func (r *radial) readBlocks() (flaw string) {
	b := r.body
	count := int(binary.BigEndian.Uint16(b[30:]))
	if count > maxBlocks || radialBytes+4*count > len(b) {
		return "a radial's list of blocks is damaged"
	}
	at := make([]int, 0, maxBlocks)
	for i := range count {
		if p := int(binary.BigEndian.Uint32(b[radialBytes+4*i:])); p != 0 {
			at = append(at, p)
		}
	}
	for _, p := range at {
		end := len(b)
		for _, q := range at {
			if q > p && q < end {
				end = q
			}
		}
		if p < radialBytes+4*count || p+4 > end {
			flaw = "a block is outside its radial"
			continue
		}
		if f := r.note(p, end); f != "" {
			flaw = f
		}
	}
	return flaw
}

// note takes the block that stands from p to end.
func (r *radial) note(p, end int) (flaw string) {
	switch name := string(r.body[p : p+4]); {
	case name == "RVOL" && p+volumeBytes <= end:
		r.volume = uint32(p)
	case name == "RRAD" && p+constantBytes <= end:
		r.radar = uint32(p)
	case name[0] == 'D':
		i := momentOf(name[1:])
		if i < 0 || p+momentBytes > end {
			return "moment " + printable(name[1:]) + " is unknown or cut off"
		}
		c := codedAt(r.body[p:], p)
		if c.count == 0 {
			return ""
		}
		if !c.sound(end) {
			return moments[i].name + " of a radial has no sound gates or scale"
		}
		r.moments[i] = c
	}
	return ""
}

// codedAt reads the head of a moment's block, which stands at p in the body.
func codedAt(b []byte, p int) coded {
	c := coded{
		at:    uint32(p + momentBytes),
		count: binary.BigEndian.Uint16(b[8:]), spacingM: binary.BigEndian.Uint16(b[12:]), firstM: int16(binary.BigEndian.Uint16(b[10:])),
		scale: float32At(b[20:]), offset: float32At(b[24:]), wide: b[19] == 16,
	}
	if b[19] != 8 && b[19] != 16 {
		c.scale = 0
	}
	return c
}

// look takes the angles in degrees; false where no antenna looks there.
func (r *radial) look(azimuth, elevation float32) bool {
	if !(azimuth >= -360 && azimuth <= 720) || !(elevation >= -10 && elevation <= 100) {
		return false
	}
	r.ray = radar.Ray{AzimuthDeg: float32(math.Mod(float64(azimuth)+720, 360)), ElevationDeg: elevation}
	return true
}

// nyquistMS is in m/s, 0 where the radial does not say.
func (r *radial) nyquistMS() float64 {
	switch {
	case r.legacy:
		return float64(binary.BigEndian.Uint16(r.body[60:])) / 100
	case r.radar == 0:
		return 0
	}
	return float64(binary.BigEndian.Uint16(r.body[r.radar+16:])) / 100
}

func (r *radial) pattern() int {
	switch {
	case r.legacy:
		return int(binary.BigEndian.Uint16(r.body[44:]))
	case r.volume == 0:
		return 0
	}
	return int(binary.BigEndian.Uint16(r.body[r.volume+40:]))
}

// msSince1970 gives the time of a date and milliseconds of that day; of the message where those are not sound either
// that of its header; -1 where neither is.
func msSince1970(date uint16, ms uint32, m message) int64 {
	if date == 0 || ms > msPerDay {
		date, ms = m.date, m.ms
	}
	if date == 0 || ms > msPerDay {
		return -1
	}
	return int64(date-1)*msPerDay + int64(ms)
}

func timeOf(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func float32At(b []byte) float32 { return math.Float32frombits(binary.BigEndian.Uint32(b)) }

func printable(code string) string {
	out := []byte(code)
	for i, c := range out {
		if c < ' ' || c > '~' {
			out[i] = '?'
		}
	}
	return string(out)
}
