// Package casa reads and writes the files of CASA's X-band radars: classic NetCDF, one sweep a file, often gzipped.
package casa

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"path"
	"sync"
	"time"

	"bowecho/ingest/classic"
	"bowecho/ingest/gzipped"
	"bowecho/internal/radar"
)

// Bounds on what a file may hold. The largest sweep known has 691,200 gates and 22 MB.
const (
	maxBytes = 256 << 20
	maxGates = 8 << 20
	maxRays  = 1 << 15
)

// Decode reads one file, gzipped or not. Errors name the file, what is wrong with it and what to do.
func Decode(name string, data []byte) (*radar.Scan, error) {
	scan, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	return scan, nil
}

func decode(data []byte) (*radar.Scan, error) {
	if len(data) == 0 {
		return nil, errors.New("the file is empty; ask the radar to send it again")
	}
	if len(data) > maxBytes {
		return nil, fmt.Errorf("more than %d MiB, which no sweep is", maxBytes>>20)
	}
	if gzipped.Is(data) {
		var err error
		if data, err = gzipped.Inflate(data, maxBytes); err != nil {
			return nil, err
		}
	}
	file, err := classic.Read(data)
	if errors.Is(err, classic.ErrNotClassic) {
		return nil, fmt.Errorf("%s: %w", looksLike(data), err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; ask the radar to send it again", err)
	}
	return read(file)
}

// looksLike says what bytes are that are not what they should be.
func looksLike(data []byte) string {
	head := bytes.TrimSpace(data[:min(len(data), 512)])
	switch {
	case bytes.HasPrefix(data, []byte("\x89HDF")):
		return "HDF5 (NetCDF-4 or ODIM)"
	case bytes.HasPrefix(head, []byte("<")):
		return "HTML or XML"
	case bytes.HasPrefix(data, []byte("AR2V")), bytes.HasPrefix(data, []byte("ARCHIVE2")):
		return "NEXRAD Level II"
	case bytes.IndexFunc(head, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == '\uFFFD' }) < 0:
		return "text"
	default:
		return "unknown bytes"
	}
}

func read(f *classic.File) (*radar.Scan, error) {
	reflectivity := f.Variable(fields[0].variable)
	if reflectivity == nil {
		return nil, fmt.Errorf("no variable Reflectivity, there is only %v; is it a product instead of a sweep?", names(f))
	}
	shape := f.Shape(reflectivity)
	if len(shape) != 2 || shape[0] < 1 || shape[1] < 1 || shape[0] > maxRays || shape[0] > maxGates/shape[1] {
		return nil, fmt.Errorf("shape of Reflectivity is %v, want rays × gates, 1 to %d in all, of %d rays at most", shape, maxGates, maxRays)
	}
	site, err := readSite(f)
	if err != nil {
		return nil, err
	}
	rays, err := readRays(f, int(shape[0]))
	if err != nil {
		return nil, err
	}
	rays.gates.Count = int(shape[1])
	scan := &radar.Scan{Site: site, Format: "casa", Start: rays.start, End: rays.end, BeamWidthDeg: beamWidth(f)}
	sweep := radar.Sweep{ElevationDeg: rays.elevationDeg, NyquistMS: rays.nyquistMS, Rays: rays.rays}
	if sweep.Moments, err = readMoments(f, shape, rays.gates); err != nil {
		return nil, err
	}
	scan.Sweeps = []radar.Sweep{sweep}
	return scan, nil
}

// namesShown bounds a message; CASA's files hold 20 variables.
const namesShown = 24

func names(f *classic.File) (list []string) {
	for i, v := range f.Variables {
		if i == namesShown {
			return append(list, "…")
		}
		list = append(list, v.Name)
	}
	return list
}

func readSite(f *classic.File) (radar.Site, error) {
	s := radar.Site{LatitudeDeg: global(f, "Latitude"), LongitudeDeg: global(f, "Longitude"), HeightM: global(f, "Height")}
	if a := f.Attribute("RadarName"); a != nil {
		s.Name = string(bytes.Trim([]byte(a.Text), "\x00 "))
	}
	switch {
	case s.Name == "":
		return s, errors.New("no attribute RadarName; whose file is it?")
	case !(math.Abs(s.LatitudeDeg) <= 90) || !(math.Abs(s.LongitudeDeg) <= 180) || !(s.HeightM > -500 && s.HeightM < 9000):
		return s, fmt.Errorf("radar %s stands at latitude %g, longitude %g, height %g m, which is not on the earth",
			s.Name, s.LatitudeDeg, s.LongitudeDeg, s.HeightM)
	}
	return s, nil
}

// global gives a number among the global attributes, NaN where it is missing.
func global(f *classic.File, name string) float64 {
	if a := f.Attribute(name); a != nil && len(a.Numbers) > 0 {
		return a.Numbers[0]
	}
	return math.NaN()
}

func beamWidth(f *classic.File) float64 {
	for _, name := range beamWidths {
		if w := global(f, name); w > 0 {
			return w
		}
	}
	return 0
}

// readMoments converts the moments side by side.
func readMoments(f *classic.File, shape []int64, gates radar.Gates) ([]radar.Moment, error) {
	found := make([]radar.Moment, len(fields))
	errs := make([]error, len(fields))
	var wait sync.WaitGroup
	for i, field := range fields {
		v := f.Variable(field.variable)
		if v == nil {
			continue
		}
		if got := f.Shape(v); len(got) != 2 || got[0] != shape[0] || got[1] != shape[1] {
			return nil, fmt.Errorf("%s has shape %v, and Reflectivity %v", field.variable, got, shape)
		}
		wait.Go(func() {
			found[i] = radar.Moment{Name: field.moment, Units: units[field.moment], Gates: gates}
			found[i].Values, errs[i] = f.Float32s(v)
			markMissing(found[i].Values)
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	moments := make([]radar.Moment, 0, len(fields))
	for _, m := range found {
		if m.Values != nil {
			moments = append(moments, m)
		}
	}
	return moments, nil
}

func markMissing(values []float32) {
	for i, v := range values {
		if !(v > missingBelow && v <= math.MaxFloat32) {
			values[i] = radar.NoDataValue
		}
	}
}

// unix gives a time of whole seconds, as the files hold it.
func unix(seconds float64) time.Time { return time.Unix(int64(seconds), 0).UTC() }
