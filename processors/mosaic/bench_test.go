package mosaic

import (
	"os"
	"syscall"
	"testing"
	"time"

	"bowecho/ingest"
	"bowecho/internal/grid"
	"bowecho/internal/radar"
	"bowecho/internal/realdata"
)

// decoded gives real files as scans, in their order.
func decoded(t testing.TB, folder string, names ...string) (scans []*radar.Scan) {
	t.Helper()
	for _, name := range names {
		data, err := os.ReadFile(realdata.Path(t, "data", folder, name))
		if err != nil {
			t.Fatal(err)
		}
		scan, err := ingest.Decode(name, data)
		if err != nil {
			t.Fatal(err)
		}
		scans = append(scans, scan)
	}
	return scans
}

// casaMinute is the last sweep of each of three radars at 07:38:31.
var casaMinute = []string{
	"addison.tx-20170329-073831.netcdf.gz", "cleburne.tx-20170329-073826.netcdf.gz", "denton.tx-20170329-073827.netcdf.gz",
}

const klbb = "KLBB20160601_150025_V06"

// around gives the domain of the reference: 461 × 461 cells of a kilometre around KLBB.
func around(scan *radar.Scan) grid.Domain {
	return grid.Centred("klbb", scan.Site.LatitudeDeg, scan.Site.LongitudeDeg, 461, 461, 1000)
}

func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs work, and tells the processors' time and that of each cell.
func measure(b *testing.B, cells int, work func() error) {
	b.ReportAllocs()
	began := cpu()
	for b.Loop() {
		if err := work(); err != nil {
			b.Fatal(err)
		}
	}
	took := cpu() - began
	b.ReportMetric(float64(took.Microseconds())/1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(took.Nanoseconds())/float64(b.N)/float64(cells), "cpu-ns/cell")
}

func BenchmarkCASA(b *testing.B) {
	scans := decoded(b, "casa-20170329", casaMinute...)
	at := scans[0].Start
	for _, combine := range []string{Highest, Nearest, Weighted} {
		cfg := DefaultConfig()
		cfg.Combine = combine
		b.Run(combine+" warm", func(b *testing.B) {
			measure(b, dfw.Rows*dfw.Cols, func() error {
				_, err := Make(scans, dfw, at, cfg, nil)
				return err
			})
		})
	}
	b.Run("cold", func(b *testing.B) {
		measure(b, dfw.Rows*dfw.Cols, func() error {
			forget()
			_, err := Make(scans, dfw, at, DefaultConfig(), nil)
			return err
		})
	})
	moving := motionOf(dfw, 3, -2)
	b.Run("moved", func(b *testing.B) {
		measure(b, dfw.Rows*dfw.Cols, func() error {
			_, err := Make(scans, dfw, at, DefaultConfig(), moving)
			return err
		})
	})
}

func BenchmarkNEXRAD(b *testing.B) {
	scans := decoded(b, "nexrad", klbb)
	d := around(scans[0])
	cfg := DefaultConfig()
	cfg.Heights = CAPPI
	levels := make([]float64, 36)
	for i := range levels {
		levels[i] = 500 * float64(i+1)
	}
	b.Run("CAPPI warm", func(b *testing.B) {
		measure(b, d.Rows*d.Cols, func() error {
			_, err := Make(scans, d, scans[0].Start, cfg, nil)
			return err
		})
	})
	b.Run("CAPPI cold", func(b *testing.B) {
		measure(b, d.Rows*d.Cols, func() error {
			forget()
			_, err := Make(scans, d, scans[0].Start, cfg, nil)
			return err
		})
	})
	b.Run("36 levels warm", func(b *testing.B) {
		measure(b, d.Rows*d.Cols, func() error {
			_, err := Levels(scans, d, scans[0].Start, cfg, levels)
			return err
		})
	})
}

// forget gives up all tables.
func forget() {
	tables.Lock()
	defer tables.Unlock()
	clear(tables.kept)
	tables.bytes = 0
}
