package ingest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"bowecho/ingest"
	"bowecho/ingest/cfradial"
	"bowecho/ingest/gzipped"
	"bowecho/internal/racing"
	"bowecho/internal/radar"
	"bowecho/internal/realdata"
)

// misbehave makes the process that decodes do what a broken library does.
const misbehave = "BOWECHO_TEST_MISBEHAVE"

// TestMain makes the test binary be the process that decodes, too.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != ingest.DecodeHDF5 {
		os.Exit(m.Run())
	}
	if err := ingest.ServeHDF5(os.Args[len(os.Args)-1], misbehaving{os.Stdin}, os.Stdout); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// misbehaving is a file that breaks its reader, if asked to.
type misbehaving struct{ io.Reader }

var held [][]byte

func (m misbehaving) Read(b []byte) (int, error) {
	switch os.Getenv(misbehave) {
	case "die":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "babble":
		fmt.Println("everything is fine")
		os.Exit(0)
	case "be greedy":
		for range 30 { // 3 GB, of which the limit allows 2
			held = append(held, make([]byte, 100<<20))
		}
	}
	return m.Reader.Read(b)
}

// TestRealFilesAgree holds what is read from the real files against what another reader found in them.
func TestRealFilesAgree(t *testing.T) {
	racing.Skip(t, "files are decoded in others, too")
	t.Parallel()
	for _, kind := range []string{"cfradial", "odim"} {
		var table map[string]struct {
			Sweeps []struct {
				ElevationDeg float64
				Rays         int
				Moments      map[string]values
			}
		}
		text, err := os.ReadFile(realdata.Path(t, "data", "expected", kind+"-scan.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &table); err != nil {
			t.Fatal(err)
		}
		for name, want := range table {
			data, err := os.ReadFile(realdata.Path(t, "data", kind, name))
			if err != nil {
				t.Fatal(err)
			}
			scan, err := ingest.Decode(name, data)
			if err != nil || len(scan.Flaws) > 0 || len(scan.Sweeps) != len(want.Sweeps) {
				t.Errorf("%s: %v, %+v", name, err, scan)
				continue
			}
			for i, s := range radar.Describe(scan).Sweeps {
				w := want.Sweeps[i]
				if s.Rays != w.Rays || math.Abs(s.ElevationDeg-w.ElevationDeg) > 0.01 {
					t.Errorf("%s sweep %d: %d rays at %g°, want %d at %g°", name, i, s.Rays, s.ElevationDeg, w.Rays, w.ElevationDeg)
				}
				for moment, v := range w.Moments {
					if v.Valid > 0 && !v.among(s.Moments) {
						t.Errorf("%s sweep %d: no moment is like %s, %+v", name, i, moment, v)
					}
				}
			}
		}
	}
}

// values is what is known of a moment, which may have another name in the scan.
type values struct {
	Valid          int
	Min, Max, Mean float64
}

func (v values) among(moments map[string]radar.MomentDescription) bool {
	near := func(a, b float64) bool { return math.Abs(a-b) <= 2e-3 }
	for _, m := range moments {
		if m.Valid == v.Valid && near(*m.Min, v.Min) && near(*m.Max, v.Max) && near(*m.Mean, v.Mean) {
			return true
		}
	}
	return false
}

func TestRealBrokenFiles(t *testing.T) {
	for name, want := range map[string]string{
		"CORRUPT_sekkr_scan_0.5_pn282_20180405T102500Z_0x9.h5": "malfunctioned",
		"pvol_selek_20170113T153000Z__one_scan_malfunc.h5":     "dataset2: the radar says that it malfunctioned",
		"sehem_pvol_pn215_20190907T081000Z_0x81540b.h5":        "dataset1/data2: LDR: the data are corrupt",
	} {
		data, err := os.ReadFile(realdata.Path(t, "data", "odim-broken", name))
		if err != nil {
			t.Fatal(err)
		}
		told := ""
		if scan, err := ingest.Decode(name, data); err != nil {
			told = err.Error()
		} else {
			told = strings.Join(scan.Flaws, "\n")
		}
		if !strings.Contains(told, want) {
			t.Errorf("%s: told %q, want it to hold %q", name, told, want)
		}
	}
}

// TestNothingIsRounded holds that a scan comes out of the process that decodes as it is.
// TestEveryFormatMayBeGzipped holds that a file's compression does not matter.
func TestEveryFormatMayBeGzipped(t *testing.T) {
	plain, err := ingest.Decode("x.nc", netCDF4(t))
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(netCDF4(t)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	scan, err := ingest.Decode("x.nc.gz", zipped.Bytes())
	if err != nil || len(scan.Sweeps) != len(plain.Sweeps) {
		t.Errorf("gzipped: %v", err)
	}
	if _, err := ingest.Decode("x.nc.gz", zipped.Bytes()[:zipped.Len()/2]); !errors.Is(err, gzipped.ErrCut) {
		t.Errorf("cut: %v", err)
	}
	if _, err := ingest.Decode("notes", []byte("hello")); err == nil || !strings.Contains(err.Error(), "known are NEXRAD Level II") {
		t.Errorf("text: %v", err)
	}
}

func TestNothingIsRounded(t *testing.T) {
	scan, err := ingest.Decode("northlake.nc", netCDF4(t))
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range scan.Sweeps[0].Moment(radar.DBZH).Values {
		if v != float32(i)/7 {
			t.Fatalf("value %d is %g, want %g", i, v, float32(i)/7)
		}
	}
}

// netCDF4 gives a small CfRadial file, which is HDF5.
func netCDF4(t *testing.T) []byte {
	t.Helper()
	scan := sweep(1)
	for i := range scan.Sweeps[0].Moments[0].Values {
		scan.Sweeps[0].Moments[0].Values[i] = float32(i) / 7
	}
	path := filepath.Join(t.TempDir(), "x.nc")
	if err := cfradial.Write(path, scan); err != nil {
		t.Fatal(err)
	}
	return content(t, path)
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestABrokenLibraryIsTold(t *testing.T) {
	data := netCDF4(t)
	for how, want := range map[string]string{
		"die": "broke on this file (signal: killed)", "babble": "gave no scan", "be greedy": "the HDF5 library broke on this file (exit status",
	} {
		t.Run(how, func(t *testing.T) {
			t.Setenv(misbehave, how)
			if _, err := ingest.Decode("a/bad.nc", data); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "bad.nc: ") {
				t.Errorf("got %v, want an error of bad.nc that holds %q", err, want)
			}
		})
	}
}

// TestFlippedFiles flips bits in 500 HDF5 files and cuts 100: whatever becomes of the process that decodes, this one
// lives and is told.
func TestFlippedFiles(t *testing.T) {
	t.Parallel()
	base := [][]byte{netCDF4(t), content(t, filepath.Join("odim", "testdata", "pvol.h5"))}
	random := rand.New(rand.NewPCG(1, 2))
	var bad [][]byte
	for i := range 500 / fraction {
		b := bytes.Clone(base[i%2])
		for range 1 + random.IntN(16) {
			at := random.IntN(len(b))
			if i%4 < 2 {
				at = random.IntN(min(len(b), 4096)) // where the structure begins
			}
			b[at] ^= 1 << random.IntN(8)
		}
		bad = append(bad, b)
	}
	const cuts = 100 / fraction
	for i := range cuts {
		bad = append(bad, base[i%2][:len(base[i%2])*i/cuts])
	}
	count := map[string]int{}
	var mu sync.Mutex
	var wait sync.WaitGroup
	hands := make(chan struct{}, 4)
	for i, b := range bad {
		wait.Go(func() {
			hands <- struct{}{}
			defer func() { <-hands }()
			became := outcome(ingest.Decode(fmt.Sprintf("flip%d.h5", i), b))
			mu.Lock()
			count[became]++
			mu.Unlock()
		})
	}
	wait.Wait()
	t.Logf("of %d: %v", len(bad), count)
	if count["nameless"] > 0 || count["refused"] < cuts {
		t.Errorf("%v: want at least the cut files refused, and each error to name its file", count)
	}
}

func outcome(scan *radar.Scan, err error) string {
	switch {
	case err != nil && !strings.HasPrefix(err.Error(), "flip"):
		return "nameless"
	case err != nil && strings.Contains(err.Error(), "library broke"):
		return "crashed the other process"
	case err != nil:
		return "refused"
	case len(scan.Flaws) > 0:
		return "read in part"
	default:
		return "read"
	}
}
