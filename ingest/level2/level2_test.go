package level2

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"bowecho/internal/radar"

	"github.com/dsnet/compress/bzip2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// storm makes a scan whose values lie on the steps of Level II: what is written is what is read.
func storm(elevations []float64, rays, gates int) *radar.Scan {
	start := time.Date(2024, 4, 1, 21, 46, 57, 0, time.UTC)
	scan := &radar.Scan{
		Site:   radar.Site{Name: "KFWS", LatitudeDeg: 32.5, LongitudeDeg: -97.25, HeightM: 236},
		Format: "level2", Start: start, End: start.Add(time.Duration(len(elevations)) * 20 * time.Second),
		Pattern: 212, BeamWidthDeg: beamWidthDeg,
	}
	for s, elevation := range elevations {
		sweep := radar.Sweep{Start: start.Add(time.Duration(s) * 20 * time.Second), ElevationDeg: elevation, NyquistMS: 26.5}
		for ray := range rays {
			sweep.Rays = append(sweep.Rays, radar.Ray{AzimuthDeg: float32(ray) * 360 / float32(rays), ElevationDeg: float32(elevation)})
		}
		for m, step := range steps {
			moment := radar.Moment{
				Name: moments[m].name, Units: moments[m].units,
				Gates:  radar.Gates{Count: gates, FirstM: 2125, SpacingM: 250},
				Values: make([]float32, rays*gates),
			}
			for i := range moment.Values {
				code := uint16((i*7 + s*31 + m*13) % 250)
				if step.bits == 16 {
					code *= 4
				}
				c := coded{scale: step.scale, offset: step.offset}
				moment.Values[i] = c.value(code)
			}
			for ray := range rays {
				moment.Values[(ray+1)*gates-1] = c0(ray)
			}
			sweep.Moments = append(sweep.Moments, moment)
		}
		scan.Sweeps = append(scan.Sweeps, sweep)
	}
	return scan
}

// c0 gives no data at the end of every third ray, so that radials differ in length.
func c0(ray int) float32 {
	if ray%3 == 1 {
		return radar.NoDataValue
	}
	return radar.BelowThresholdValue
}

func encoded(t testing.TB, scan *radar.Scan) []byte {
	t.Helper()
	data, err := Encode(scan)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// bare writes the volume as it is when nothing is compressed: header, metadata and messages.
func bare(scan *radar.Scan) []byte {
	out := append(volumeHeader(scan), metadata(scan)[132*frameBytes:]...)
	for s := range scan.Sweeps {
		for ray := range scan.Sweeps[s].Rays {
			out = appendRadial(out, scan, s, ray)
		}
	}
	return out
}

func squeeze(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := bzip2.NewWriter(&out, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// record puts a control word before streams.
func record(streams ...[]byte) []byte {
	all := bytes.Join(streams, nil)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(all))), all...)
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func decoded(t testing.TB, data []byte) *radar.Scan {
	t.Helper()
	scan, err := decodeValues("test", data)
	if err != nil {
		t.Fatal(err)
	}
	return scan
}

// decodeValues is Decode with values in place of codes.
func decodeValues(name string, data []byte) (*radar.Scan, error) {
	scan, err := Decode(name, data)
	if err == nil {
		scan.Expand()
	}
	return scan, err
}

// difference compares scans; no data equals no data. How a file holds them is not of the scan.
func difference(want, got *radar.Scan) string {
	want.Expand()
	got.Expand()
	for i := range min(len(want.Sweeps), len(got.Sweeps)) {
		for j := range min(len(want.Sweeps[i].Moments), len(got.Sweeps[i].Moments)) {
			w, g := &want.Sweeps[i].Moments[j], &got.Sweeps[i].Moments[j]
			for k := range min(len(w.Values), len(g.Values)) {
				a, b := w.Values[k], g.Values[k]
				if radar.StatusOf(a) != radar.StatusOf(b) || math.Abs(float64(a-b)) > 1e-5 {
					return fmt.Sprintf("sweep %d %s value %d is %g, want %g", i, w.Name, k, b, a)
				}
			}
		}
	}
	return cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-6), cmp.Comparer(func(a, b []float32) bool { return len(a) == len(b) }),
		cmpopts.IgnoreFields(radar.Moment{}, "Coding"))
}

// TestWhatIsReadIsStoredExactly holds that a scan is stored to the last step of its file.
func TestWhatIsReadIsStoredExactly(t *testing.T) {
	scan := decoded(t, encoded(t, storm([]float64{0.5, 0.5, 1.5}, 90, 50)))
	data, err := radar.Encode(scan)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := radar.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := difference(scan, stored); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	want := storm([]float64{0.5, 0.5, 1.5}, 90, 50)
	volume := encoded(t, want)
	plain := bare(want)
	half := len(plain)/2 - headerBytes
	for name, data := range map[string][]byte{
		"records":            volume,
		"gzipped records":    zipped(t, volume),
		"frames":             plain,
		"gzipped frames":     zipped(t, plain),
		"two streams inside": append(plain[:headerBytes:headerBytes], record(squeeze(t, plain[headerBytes:][:half]), squeeze(t, plain[headerBytes:][half:]))...),
		"without a header":   volume[headerBytes:],
		"no metadata":        append(plain[:headerBytes:headerBytes], plain[headerBytes+2*frameBytes:]...),
		"zeros at the end":   append(volume[:len(volume):len(volume)], make([]byte, 100)...),
	} {
		t.Run(name, func(t *testing.T) {
			if !IsLevel2(data) {
				t.Error("not known as Level II")
			}
			if d := difference(want, decoded(t, data)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestPhaseHasSixteenBits(t *testing.T) {
	scan := storm([]float64{0.5}, 4, 300)
	phase := decoded(t, encoded(t, scan)).Sweeps[0].Moment(radar.PHIDP)
	var most float32
	for _, v := range phase.Values {
		if radar.StatusOf(v) == radar.Valid {
			most = max(most, v)
		}
	}
	if want := float32(996-2) / 2.8361; math.Abs(float64(most-want)) > 1e-3 {
		t.Errorf("greatest phase is %g°, want %g°", most, want)
	}
}

func TestRaysAsTheyCome(t *testing.T) {
	scan := storm([]float64{0.5, 0.9, 0.5, 1.3}, 36, 8) // SAILS: the lowest again in the middle, and no more cuts (AVSET)
	low := &scan.Sweeps[2]
	low.Rays[0].AzimuthDeg, low.Rays[1].AzimuthDeg, low.Rays[2].AzimuthDeg = 360, float32(math.Copysign(0, -1)), -0.5
	low.Rays[7] = low.Rays[6]
	plain := bare(scan)
	length := len(appendRadial(nil, scan, 3, 35)) // the last radial
	got := decoded(t, plain[:len(plain)-length])
	if n := len(got.Sweeps); n != 4 {
		t.Fatalf("%d sweeps, want 4: each cut by its number", n)
	}
	if n := len(got.Sweeps[3].Rays); n != 35 {
		t.Errorf("%d rays where one is missing, want 35", n)
	}
	rays := got.Sweeps[2].Rays
	if len(rays) != 36 || rays[6] != rays[7] {
		t.Errorf("of a ray that came twice %v and %v are left of %d rays", rays[6], rays[7], len(rays))
	}
	for i, want := range []float32{0, 0, 359.5} {
		if rays[i].AzimuthDeg != want || math.Signbit(float64(rays[i].AzimuthDeg)) {
			t.Errorf("azimuth %d is %g, want %g", i, rays[i].AzimuthDeg, want)
		}
	}
	if got.Flaws != nil {
		t.Errorf("flaws %q, want none: nothing in the file is unusable", got.Flaws)
	}
}

func TestTerminalRadar(t *testing.T) {
	scan := storm([]float64{0.3}, 10, 8)
	scan.Site.Name = "TDFW"
	plain := bare(scan)
	at := bytes.Index(plain, []byte("RVOL"))
	for from := at; from >= 0; at = from {
		binary.BigEndian.PutUint32(plain[at+8:], math.Float32bits(33039.6))
		binary.BigEndian.PutUint32(plain[at+12:], math.Float32bits(-96897.4))
		copy(plain[at+18:at+20], plain[at+16:at+18]) // the height stands twice
		if from = bytes.Index(plain[at+4:], []byte("RVOL")); from >= 0 {
			from += at + 4
		}
	}
	got := decoded(t, plain)
	if math.Abs(got.Site.LatitudeDeg-33.0396) > 1e-4 || math.Abs(got.Site.LongitudeDeg+96.8974) > 1e-4 || got.Site.HeightM != 236 {
		t.Errorf("stands at %+v, want 33.0396, -96.8974, 236 m", got.Site)
	}
	if got.BeamWidthDeg != terminalBeamWidthDeg {
		t.Errorf("beam of %g°, want %g°", got.BeamWidthDeg, terminalBeamWidthDeg)
	}
}

func TestNotEncodable(t *testing.T) {
	for name, change := range map[string]func(*radar.Scan){
		"name":     func(s *radar.Scan) { s.Site.Name = "addison.tx" },
		"sweeps":   func(s *radar.Scan) { s.Sweeps = nil },
		"vertical": func(s *radar.Scan) { s.Sweeps[0].Vertical = true },
		"gates":    func(s *radar.Scan) { s.Sweeps[0].Moments[0].Gates.SpacingM = 59.9 },
		"moment":   func(s *radar.Scan) { s.Sweeps[0].Moments = nil },
	} {
		scan := storm([]float64{0.5}, 4, 4)
		change(scan)
		if _, err := Encode(scan); err == nil || !strings.Contains(err.Error(), "scan of") {
			t.Errorf("%s: error %v, want one that says what Level II cannot hold", name, err)
		}
	}
}

func TestSites(t *testing.T) {
	if n := len(sites()); n < 200 {
		t.Errorf("%d stations known, want all WSR-88D and TDWR, 200 and more", n)
	}
	for name, s := range sites() {
		if !isStation(name) || math.Abs(s.LatitudeDeg) > 70 || s.LongitudeDeg < -180 || s.LongitudeDeg > 180 || s.HeightM < 0 || s.HeightM > 3500 {
			t.Errorf("%s stands at %+v", name, s)
		}
	}
	for file, want := range map[string]string{"x/KTLX19990503_235621.gz": "KTLX", "Level2_KLBB_single_chunk": "KLBB", "1.bin": ""} {
		if got := siteOfFile(file); got != want {
			t.Errorf("%s is of %q, want %q", file, got, want)
		}
	}
}
