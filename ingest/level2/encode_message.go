package level2

import (
	"encoding/binary"
	"math"
	"time"

	"bowecho/internal/radar"
)

// steps is how each moment is coded: code = value × scale + offset, in so many bits, as stations do since 2020.
var steps = [len(moments)]struct {
	scale, offset float32
	bits          byte
}{{2, 66, 8}, {2, 129, 8}, {2, 129, 8}, {32, 418, 16}, {2.8361, 2, 16}, {300, -60.5, 8}, {1, 8, 8}}

// metadataFrames is how many frames a station sends before its radials; most are empty here.
const metadataFrames = 134

// metadata gives the frames before the radials: the volume's pattern (message 5) and the status of the radar (message 2).
func metadata(scan *radar.Scan) []byte {
	out := make([]byte, 0, metadataFrames*frameBytes)
	out = out[:(metadataFrames-2)*frameBytes]
	for _, m := range []struct {
		kind byte
		body []byte
	}{{patternKind, patternOf(scan)}, {2, statusOf(scan)}} {
		start := len(out)
		out = appendMessage(out, m.kind, scan.Start, m.body)
		out = append(out, make([]byte, start+frameBytes-len(out))...)
	}
	return out
}

func appendMessage(out []byte, kind byte, at time.Time, body []byte) []byte {
	date, ms := dayOf(at)
	out = append(out, make([]byte, tapeBytes)...)
	out = binary.BigEndian.AppendUint16(out, uint16((messageHeaderBytes+len(body))/2))
	out = append(out, 8, kind, 0, 1) // channel of the new data unit, sequence
	out = binary.BigEndian.AppendUint16(out, date)
	out = binary.BigEndian.AppendUint32(out, ms)
	out = append(out, 0, 1, 0, 1) // the first of one segment
	return append(out, body...)
}

// patternOf gives the body of message 5: 22 bytes, and 46 for each cut, as many as fit a frame.
func patternOf(scan *radar.Scan) []byte {
	cuts := min(len(scan.Sweeps), 50)
	body := make([]byte, 22+46*cuts)
	binary.BigEndian.PutUint16(body, uint16(len(body)/2))
	binary.BigEndian.PutUint16(body[2:], 2) // of constant elevations
	binary.BigEndian.PutUint16(body[4:], uint16(scan.Pattern))
	binary.BigEndian.PutUint16(body[6:], uint16(cuts))
	body[10], body[11] = 2, 2 // velocity in steps of 0.5 m/s, short pulses
	for i := range cuts {
		cut := body[22+46*i:]
		angle := math.Round(scan.Sweeps[i].ElevationDeg / codedAngle)
		binary.BigEndian.PutUint16(cut, uint16(int(angle)))
		cut[3] = 1 // contiguous surveillance
		if len(scan.Sweeps[i].Rays) > 540 {
			cut[4] = 1 // half a degree
		}
	}
	return body
}

// statusOf gives the body of message 2: a radar that operates.
func statusOf(scan *radar.Scan) []byte {
	body := make([]byte, 80)
	binary.BigEndian.PutUint16(body, 16)
	binary.BigEndian.PutUint16(body[2:], 2)
	binary.BigEndian.PutUint16(body[14:], uint16(scan.Pattern))
	return body
}

// appendRadial adds message 31 for a ray of a sweep.
func appendRadial(out []byte, scan *radar.Scan, sweep, ray int) []byte {
	s := &scan.Sweeps[sweep]
	at := timeOfRay(scan, sweep, ray)
	date, ms := dayOf(at)
	b := append([]byte{}, scan.Site.Name...)
	b = binary.BigEndian.AppendUint32(b, ms)
	b = binary.BigEndian.AppendUint16(b, date)
	b = binary.BigEndian.AppendUint16(b, uint16(ray+1))
	b = appendFloats(b, s.Rays[ray].AzimuthDeg)
	spacing := byte(2) // one degree
	if len(s.Rays) > 540 {
		spacing = 1
	}
	b = append(b, 0, 0, 0, 0, spacing, statusOfRay(scan, sweep, ray), byte(sweep+1), 1)
	b = appendFloats(b, s.Rays[ray].ElevationDeg)
	blocks := [][]byte{volumeBlock(scan), elevationBlock(), radialBlock(s)}
	for i := range s.Moments {
		if block := momentBlock(&s.Moments[i], ray); block != nil {
			blocks = append(blocks, block)
		}
	}
	b = append(b, 0, 0, 0, byte(len(blocks)))
	position := len(b) + 4*len(blocks)
	for _, block := range blocks {
		b = binary.BigEndian.AppendUint32(b, uint32(position))
		position += len(block)
	}
	for _, block := range blocks {
		b = append(b, block...)
	}
	binary.BigEndian.PutUint16(b[18:], uint16(len(b)))
	return appendMessage(out, radialKind, at, b)
}

// timeOfRay spreads the rays of a sweep evenly up to the next sweep, those of the last up to the end of the scan.
func timeOfRay(scan *radar.Scan, sweep, ray int) time.Time {
	start, end := scan.Sweeps[sweep].Start, scan.End
	if start.IsZero() {
		start = scan.Start
	}
	if sweep+1 < len(scan.Sweeps) && !scan.Sweeps[sweep+1].Start.IsZero() {
		end = scan.Sweeps[sweep+1].Start
	}
	took := max(end.Sub(start), 0)
	return start.Add(took * time.Duration(ray) / time.Duration(max(len(scan.Sweeps[sweep].Rays)-1, 1)))
}

func statusOfRay(scan *radar.Scan, sweep, ray int) byte {
	last := ray == len(scan.Sweeps[sweep].Rays)-1
	switch {
	case last && sweep == len(scan.Sweeps)-1:
		return endOfVolume
	case last:
		return endOfSweep
	case ray == 0 && sweep == 0:
		return startOfVolume
	case ray == 0:
		return startOfSweep
	}
	return 1
}

func volumeBlock(scan *radar.Scan) []byte {
	b := append([]byte("RVOL"), 0, 44, 1, 0)
	b = appendFloats(b, float32(scan.Site.LatitudeDeg), float32(scan.Site.LongitudeDeg))
	b = binary.BigEndian.AppendUint16(b, uint16(int16(math.Round(scan.Site.HeightM))))
	b = append(b, 0, 0) // the antenna's height is all in the ground's
	b = appendFloats(b, 0, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(scan.Pattern))
	return append(b, 0, 0)
}

func elevationBlock() []byte { return append([]byte("RELV"), 0, 12, 0, 0, 0, 0, 0, 0) }

func radialBlock(s *radar.Sweep) []byte {
	b := make([]byte, 28)
	copy(b, "RRAD")
	b[5] = 28
	binary.BigEndian.PutUint16(b[16:], uint16(math.Round(s.NyquistMS*100)))
	return b
}

// momentBlock codes a ray of a moment up to its last gate that has data; nil where none has, or Level II lacks the moment.
func momentBlock(m *radar.Moment, ray int) []byte {
	index, values := momentNamed(m.Name), m.Ray(ray)
	for len(values) > 0 && radar.StatusOf(values[len(values)-1]) == radar.NoData {
		values = values[:len(values)-1]
	}
	if index < 0 || len(values) == 0 {
		return nil
	}
	step := steps[index]
	b := make([]byte, momentBytes, momentBytes+2*len(values)+3)
	copy(b, "D"+moments[index].code)
	binary.BigEndian.PutUint16(b[8:], uint16(len(values)))
	binary.BigEndian.PutUint16(b[10:], uint16(int16(math.Round(m.Gates.CentreM(0)))))
	binary.BigEndian.PutUint16(b[12:], uint16(m.Gates.SpacingM))
	b[19] = step.bits
	binary.BigEndian.PutUint32(b[20:], math.Float32bits(step.scale))
	binary.BigEndian.PutUint32(b[24:], math.Float32bits(step.offset))
	for _, v := range values {
		code := codeOf(v, step.scale, step.offset, float64(uint(1)<<step.bits-1))
		if step.bits == 16 {
			b = append(b, byte(code>>8))
		}
		b = append(b, byte(code))
	}
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func codeOf(v, scale, offset float32, most float64) uint16 {
	switch radar.StatusOf(v) {
	case radar.Valid:
		return uint16(min(max(math.Round(float64(v)*float64(scale)+float64(offset)), codeFolded+1), most))
	case radar.RangeFolded:
		return codeFolded
	}
	return codeBelow
}

func appendFloats(b []byte, values ...float32) []byte {
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}
