package level2

import "encoding/binary"

// legacyBytes is the length of message 1 up to its codes. Stations sent it until 2008: reflectivity at gates of 1 km,
// velocity and spectrum width at gates of 250 m, one byte each.
const legacyBytes = 100

// codedAngle is a whole turn of an antenna in the binary angles of message 1.
const codedAngle = 360.0 / 65536

// newLegacyRadial reads message 1, as newRadial does message 31.
func newLegacyRadial(m message) (r radial, flaw string) {
	b := m.body
	if len(b) < legacyBytes {
		return r, "a radial is shorter than its header"
	}
	number := binary.BigEndian.Uint16(b[16:])
	r = radial{
		body: b, legacy: true, cut: uint8(number), status: uint8(binary.BigEndian.Uint16(b[12:])) &^ 0x80,
		ms: msSince1970(binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint32(b), m),
	}
	elevation := float64(binary.BigEndian.Uint16(b[14:])) * codedAngle
	if elevation > 180 {
		elevation -= 360
	}
	azimuth := float64(binary.BigEndian.Uint16(b[8:])) * codedAngle
	if !r.look(float32(azimuth), float32(elevation)) || r.ms < 0 || number == 0 || number > 255 {
		return radial{}, "a radial has no sound time, angles or cut"
	}
	for i := range 3 {
		c := legacyMoment(b, i)
		if c.at == 0 || c.count == 0 {
			continue
		}
		if !c.sound(len(b)) {
			flaw = moments[i].name + " of a radial has no sound gates or scale"
			continue
		}
		r.moments[i] = c
	}
	return r, flaw
}

// legacyMoment reads what message 1 says of a moment: 0 reflectivity, 1 velocity, 2 spectrum width.
func legacyMoment(b []byte, i int) coded {
	doppler := 2 * min(i, 1) // the fields of the Doppler moments come after those of reflectivity
	c := coded{
		at:       uint32(binary.BigEndian.Uint16(b[36+2*i:])),
		count:    binary.BigEndian.Uint16(b[26+doppler:]),
		firstM:   int16(binary.BigEndian.Uint16(b[18+doppler:])),
		spacingM: binary.BigEndian.Uint16(b[22+doppler:]),
		scale:    2, offset: 129,
	}
	switch {
	case i == 0:
		c.offset = 66
	case i == 1 && binary.BigEndian.Uint16(b[42:]) == 4: // velocity in steps of 1 m/s
		c.scale = 1
	}
	return c
}
