package ingest

import (
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"slices"

	"bowecho/internal/radar"
)

// reply goes from the process that decodes to the one that asked: in gob, and after it the values of each moment as
// little-endian floats, so that nothing is rounded.
type reply struct {
	Error string // why the file cannot be used
	Scan  radar.Scan
}

func writeReply(w io.Writer, scan *radar.Scan, why error) error {
	if why != nil {
		return gob.NewEncoder(w).Encode(reply{Error: why.Error()})
	}
	bare := *scan
	bare.Sweeps = slices.Clone(scan.Sweeps)
	for i := range bare.Sweeps {
		moments := slices.Clone(bare.Sweeps[i].Moments)
		for j := range moments {
			moments[j].Values = nil
		}
		bare.Sweeps[i].Moments = moments
	}
	if err := gob.NewEncoder(w).Encode(reply{Scan: bare}); err != nil {
		return err
	}
	for i := range scan.Sweeps {
		for j := range scan.Sweeps[i].Moments {
			if err := binary.Write(w, binary.LittleEndian, scan.Sweeps[i].Moments[j].Values); err != nil {
				return err
			}
		}
	}
	return nil
}

// readReply reads what writeReply wrote; r must give single bytes, so that gob takes no more than its own.
func readReply(r interface {
	io.Reader
	io.ByteReader
}) (answer reply, err error) {
	if err := gob.NewDecoder(r).Decode(&answer); err != nil {
		return answer, fmt.Errorf("its answer does not read: %w", err)
	}
	left := apartOutput / 4
	for i := range answer.Scan.Sweeps {
		sweep := &answer.Scan.Sweeps[i]
		for j := range sweep.Moments {
			m := &sweep.Moments[j]
			if m.Gates.Count < 0 || m.Gates.Count > left || m.Gates.Count*len(sweep.Rays) > left {
				return answer, errors.New("its answer holds more values than any volume")
			}
			left -= m.Gates.Count * len(sweep.Rays)
			m.Values = make([]float32, m.Gates.Count*len(sweep.Rays))
			if err := binary.Read(r, binary.LittleEndian, m.Values); err != nil {
				return answer, fmt.Errorf("its answer ends in the values of %s: %w", m.Name, err)
			}
		}
	}
	return answer, nil
}
