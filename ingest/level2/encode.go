package level2

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"time"

	"bowecho/internal/radar"

	"github.com/dsnet/compress/bzip2"
	"golang.org/x/sync/errgroup"
)

// radialsPerRecord is how many radials NOAA's stations put into a record.
const radialsPerRecord = 120

// Encode writes a scan as a volume of version 6: message 31 in bzip2 records. It keeps reflectivity, velocity, width, the
// dual-polarization moments and the clutter filter's power, to the steps in which Level II has them; a gate without data
// between others becomes one below threshold, which Level II cannot tell apart.
func Encode(scan *radar.Scan) ([]byte, error) {
	records, err := recordsOf(scan)
	if err != nil {
		return nil, err
	}
	out := volumeHeader(scan)
	for _, record := range records {
		out = append(out, record...)
	}
	return out, nil
}

// Chunks writes a scan as the parts in which its volume would come in real time.
func Chunks(scan *radar.Scan) ([]Part, error) {
	records, err := recordsOf(scan)
	if err != nil {
		return nil, err
	}
	parts := make([]Part, len(records))
	for i, record := range records {
		kind := "I"
		switch i {
		case 0:
			kind, record = "S", append(volumeHeader(scan), record...)
		case len(records) - 1:
			kind = "E"
		}
		parts[i] = Part{Name: fmt.Sprintf("%s-%03d-%s", scan.Start.UTC().Format(partTime), i+1, kind), Data: record}
	}
	return parts, nil
}

// FileName gives the name under which NOAA keeps a volume.
func FileName(scan *radar.Scan) string {
	return scan.Site.Name + scan.Start.UTC().Format("20060102_150405") + "_V06"
}

func volumeHeader(scan *radar.Scan) []byte {
	date, ms := dayOf(scan.Start)
	out := append([]byte("AR2V0006.001"), 0, 0)
	out = binary.BigEndian.AppendUint16(out, date)
	out = binary.BigEndian.AppendUint32(out, ms)
	return append(out, scan.Site.Name...)
}

// recordsOf gives the records with their control words: one of metadata, and the radials'.
func recordsOf(scan *radar.Scan) ([][]byte, error) {
	if err := encodable(scan); err != nil {
		return nil, fmt.Errorf("scan of %s: %w", scan.Site.Name, err)
	}
	contents := [][]byte{metadata(scan)}
	count := 0
	for s := range scan.Sweeps {
		for ray := range scan.Sweeps[s].Rays {
			if count%radialsPerRecord == 0 {
				contents = append(contents, nil)
			}
			count++
			last := &contents[len(contents)-1]
			*last = appendRadial(*last, scan, s, ray)
		}
	}
	records := make([][]byte, len(contents))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, content := range contents {
		group.Go(func() (err error) {
			records[i], err = pack(content, i == len(contents)-1)
			return err
		})
	}
	return records, group.Wait()
}

// pack compresses a record and puts its control word before it.
func pack(content []byte, last bool) ([]byte, error) {
	var out bytes.Buffer
	out.Write(make([]byte, controlBytes))
	w, err := bzip2.NewWriter(&out, &bzip2.WriterConfig{Level: bzip2.BestCompression})
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	length := int32(out.Len() - controlBytes)
	if last {
		length = -length
	}
	binary.BigEndian.PutUint32(out.Bytes(), uint32(length))
	return out.Bytes(), nil
}

// encodable says what of a scan Level II cannot hold.
func encodable(scan *radar.Scan) error {
	if !isStation(scan.Site.Name) {
		return fmt.Errorf("its name is %q, and Level II names stations by a letter and three letters or digits", scan.Site.Name)
	}
	if len(scan.Sweeps) == 0 || len(scan.Sweeps) > math.MaxUint8 {
		return fmt.Errorf("it has %d sweeps, and a volume has 1 to 255", len(scan.Sweeps))
	}
	for i := range scan.Sweeps {
		s := &scan.Sweeps[i]
		if s.Vertical || len(s.Rays) == 0 || len(s.Rays) > math.MaxUint16 {
			return fmt.Errorf("sweep %d is vertical or has %d rays, and Level II has sweeps of 1 to 65535 around the radar", i, len(s.Rays))
		}
		known := 0
		for _, m := range s.Moments {
			if momentNamed(m.Name) < 0 {
				continue
			}
			known++
			g := m.Gates
			first := g.CentreM(0)
			if g.Count > maxGates || g.SpacingM != math.Trunc(g.SpacingM) || g.SpacingM < 1 || g.SpacingM > math.MaxUint16 || math.Abs(first) > math.MaxInt16 {
				return fmt.Errorf("%s of sweep %d has %d gates of %g m from %g m; Level II has up to %d of whole metres", m.Name, i, g.Count, g.SpacingM, first, maxGates)
			}
		}
		if known == 0 {
			return fmt.Errorf("sweep %d has no moment that Level II knows", i)
		}
	}
	return nil
}

func momentNamed(name string) int {
	for i := range moments {
		if moments[i].name == name {
			return i
		}
	}
	return -1
}

// dayOf gives a time as messages hold it: days, of which 1 is 1970-01-01, and milliseconds since midnight.
func dayOf(t time.Time) (date uint16, ms uint32) {
	since := t.UnixMilli()
	return uint16(since/msPerDay + 1), uint32(since % msPerDay)
}
