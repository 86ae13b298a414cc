package mosaic

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"bowecho/ingest"
	"bowecho/internal/cpu"
	"bowecho/internal/grid"
	"bowecho/internal/radar"
	"bowecho/internal/realdata"

	"github.com/dsnet/compress/bzip2"
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

// measure runs work, and tells the processors' time and that of each cell.
func measure(b *testing.B, cells int, work func() error) {
	b.ReportAllocs()
	began := cpu.Used(b)
	for b.Loop() {
		if err := work(); err != nil {
			b.Fatal(err)
		}
	}
	took := cpu.Used(b) - began
	b.ReportMetric(float64(took.Microseconds())/1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(took.Nanoseconds())/float64(b.N)/float64(cells), "cpu-ns/cell")
}

// BenchmarkReference is what else the machine does in the run, since its speed varies: gathering a value for each cell of
// the grids below from a random place of a sweep, and inflating the records of KLBB.
func BenchmarkReference(b *testing.B) {
	scan := decoded(b, "nexrad", klbb)[0]
	values := scan.Sweeps[0].Moment(radar.DBZH).Values
	for name, cells := range map[string]int{"gather 461²": 461 * 461, "gather 1121²": dfw.Rows * dfw.Cols} {
		from, to := make([]int32, cells), make([]float32, cells)
		for i := range from {
			from[i] = rand.Int32N(int32(len(values)))
		}
		b.Run(name, func(b *testing.B) {
			measure(b, cells, func() error {
				for i, at := range from {
					to[i] = values[at]
				}
				return nil
			})
		})
	}
	data, err := os.ReadFile(realdata.Path(b, "data", "nexrad", klbb))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("inflate KLBB", func(b *testing.B) {
		measure(b, 461*461, func() error { return inflate(data) })
	})
}

// inflate inflates the records of an Archive II file: after 24 bytes, each with its length before it.
func inflate(data []byte) error {
	for data = data[24:]; len(data) > 4; {
		n := int(math.Abs(float64(int32(binary.BigEndian.Uint32(data)))))
		r, err := bzip2.NewReader(bytes.NewReader(data[4:4+n]), nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			return err
		}
		data = data[4+n:]
	}
	return nil
}

// released gives the memory of a mosaic that has been stored to the next one, as workers do.
func released(m *Mosaic, err error) error {
	if err == nil {
		m.DBZ.Release()
	}
	return err
}

func BenchmarkCASA(b *testing.B) {
	scans := decoded(b, "casa-20170329", casaMinute...)
	at := scans[0].Start
	for _, combine := range []string{Highest, Nearest, Weighted} {
		cfg := DefaultConfig()
		cfg.Combine = combine
		b.Run(combine+" warm", func(b *testing.B) {
			measure(b, dfw.Rows*dfw.Cols, func() error {
				return released(Make(scans, dfw, at, cfg, nil))
			})
		})
	}
	b.Run("cold", func(b *testing.B) {
		measure(b, dfw.Rows*dfw.Cols, func() error {
			forget()
			return released(Make(scans, dfw, at, DefaultConfig(), nil))
		})
	})
	moving := motionOf(dfw, 3, -2)
	b.Run("moved", func(b *testing.B) {
		measure(b, dfw.Rows*dfw.Cols, func() error {
			return released(Make(scans, dfw, at, DefaultConfig(), moving))
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

// BenchmarkLive adds a sweep of one of three radars, at the mosaic's time and a second later, when all ages change.
func BenchmarkLive(b *testing.B) {
	scans := decoded(b, "casa-20170329", casaMinute...)
	for name, later := range map[string]time.Duration{"same time": 0, "later": time.Second} {
		b.Run(name, func(b *testing.B) {
			at := scans[0].Start.Add(time.Minute)
			live, err := NewLive(dfw, DefaultConfig(), time.Hour)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := live.Update(at, scans...); err != nil {
				b.Fatal(err)
			}
			next := *scans[1]
			measure(b, dfw.Rows*dfw.Cols, func() error {
				next.Sweeps = slices.Clone(next.Sweeps)
				next.Start, at = next.Start.Add(time.Millisecond), at.Add(later)
				_, err := live.Update(at, &next)
				return err
			})
		})
	}
}

// BenchmarkCONUS lays twenty radars on the United States at a kilometre, each with KLBB's lowest sweep.
func BenchmarkCONUS(b *testing.B) {
	volume := decoded(b, "nexrad", klbb)[0]
	cfg := DefaultConfig()
	cfg.Heights = Lowest
	d := grid.Centred("conus", 37.5, -96, 3500, 7000, 1000)
	var scans []*radar.Scan
	for i := range 20 {
		scan := *volume
		scan.Site.Name = fmt.Sprint("radar ", i)
		scan.Site.LatitudeDeg, scan.Site.LongitudeDeg = 28+4*float64(i%5), -115+11*float64(i/5)
		scan.Sweeps = volume.Sweeps[:1]
		scans = append(scans, &scan)
	}
	measure(b, d.Rows*d.Cols, func() error {
		_, err := Make(scans, d, volume.Start, cfg, nil)
		return err
	})
}

// forget gives up all tables.
func forget() {
	tables.Lock()
	defer tables.Unlock()
	clear(tables.kept)
	tables.bytes = 0
}
