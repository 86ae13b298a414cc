// Package odim reads volumes and single sweeps in ODIM_H5, the European standard (EUMETNET OPERA weather radar
// information model for implementation with the HDF5 file format, versions 2.0 to 2.4).
package odim

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"bowecho/ingest/hdf5"
	"bowecho/internal/radar"
)

// maxGates bounds the values of all moments of a file. The largest volume known has 24 million.
const maxGates = 64 << 20

// Is tells whether an open file calls itself ODIM_H5.
func Is(f *hdf5.File) bool {
	_, found := f.Attribute("/what", "object")
	conventions, _ := f.Attribute("/", "Conventions")
	return found || strings.HasPrefix(conventions.Text, "ODIM")
}

// Decode reads a file of object PVOL or SCAN in this process, which the HDF5 library may crash; ingest.Decode keeps it
// apart. What of the file cannot be used is told in the scan's flaws. Errors name the file and what is wrong with it.
func Decode(name string, data []byte) (scan *radar.Scan, err error) {
	err = hdf5.Read(data, func(f *hdf5.File) (err error) {
		scan, err = decode(f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	return scan, nil
}

func decode(f *hdf5.File) (*radar.Scan, error) {
	root := place{f, []string{""}}
	object := root.text("what", "object")
	if object != "PVOL" && object != "SCAN" {
		return nil, fmt.Errorf("an ODIM_H5 file of object %q, want PVOL or SCAN: a volume or a sweep in polar coordinates", object)
	}
	site, err := root.site()
	if err != nil {
		return nil, err
	}
	v := &volume{
		version: root.text("", "Conventions"),
		scan:    &radar.Scan{Site: site, Format: "odim", BeamWidthDeg: root.positive("beamwidth", "beamwH")},
	}
	for _, name := range numbered(f.Members("/"), "dataset") {
		v.addSweep(name, root.below(name))
	}
	if len(v.scan.Sweeps) == 0 {
		return nil, v.nothing()
	}
	return v.scan, v.readTimes(root)
}

// volume is a scan in the making.
type volume struct {
	version string
	scan    *radar.Scan
	gates   int       // values read so far
	end     time.Time // the latest end of a sweep
}

// addSweep adds what a dataset holds, or says why it cannot be used.
func (v *volume) addSweep(name string, at place) {
	sweep, err := v.readSweep(at)
	if err != nil {
		v.flaw("%s: %v", name, err)
		return
	}
	if len(sweep.Moments) == 0 {
		v.flaw("%s: no moment of it can be read; the sweep is left out", name)
		return
	}
	if v.scan.BeamWidthDeg == 0 {
		v.scan.BeamWidthDeg = at.positive("beamwidth", "beamwH")
	}
	if end, err := at.time("end"); err == nil && end.After(v.end) {
		v.end = end
	}
	v.scan.Sweeps = append(v.scan.Sweeps, *sweep)
}

func (v *volume) flaw(format string, args ...any) {
	v.scan.Flaws = append(v.scan.Flaws, fmt.Sprintf(format, args...))
}

// nothing says why there is no sweep.
func (v *volume) nothing() error {
	if len(v.scan.Flaws) == 0 {
		return errors.New("no group dataset1, so that there is no sweep; ask the radar to send it again")
	}
	return fmt.Errorf("no sweep can be used: %s", strings.Join(v.scan.Flaws[:min(3, len(v.scan.Flaws))], "; "))
}

// readTimes takes the first and last times of the sweeps, where they have none the volume's nominal time.
func (v *volume) readTimes(root place) error {
	nominal, err := root.time("")
	for i := range v.scan.Sweeps {
		s := &v.scan.Sweeps[i]
		if s.Start.IsZero() {
			if err != nil {
				return fmt.Errorf("neither sweep %d nor the volume has a time: %w", i, err)
			}
			s.Start = nominal
		}
		if v.scan.Start.IsZero() || s.Start.Before(v.scan.Start) {
			v.scan.Start = s.Start
		}
		if s.Start.After(v.end) {
			v.end = s.Start
		}
	}
	v.scan.End = v.end
	return nil
}

// numbered gives the names that are a word and a number, in the order of the numbers.
func numbered(names []string, word string) []string {
	number := func(name string) int {
		n, err := strconv.Atoi(strings.TrimPrefix(name, word))
		if err != nil || !strings.HasPrefix(name, word) {
			return -1
		}
		return n
	}
	names = slices.DeleteFunc(names, func(name string) bool { return number(name) < 0 })
	slices.SortFunc(names, func(a, b string) int { return number(a) - number(b) })
	return names
}
