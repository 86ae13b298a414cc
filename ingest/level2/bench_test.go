package level2

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"

	"bowecho/internal/cpu"
	"bowecho/internal/radar"
	"bowecho/internal/realdata"

	"github.com/dsnet/compress/bzip2"
)

// volumes are what is measured: a real one, where there is one, and one of our own writer.
var volumes = []struct {
	name string
	data func(b *testing.B) []byte
}{{"KLBB", realVolume}, {"written", writtenVolume}}

func realVolume(b *testing.B) []byte {
	data, err := os.ReadFile(realdata.Path(b, "data", "nexrad", "KLBB20160601_150025_V06"))
	if err != nil {
		b.Fatal(err)
	}
	return data
}

// writtenVolume holds values that wander along the rays, as weather does.
func writtenVolume(b *testing.B) []byte {
	scan := storm([]float64{0.5, 1.5}, 360, 1200)
	random := rand.New(rand.NewPCG(1, 1))
	for s := range scan.Sweeps {
		for m := range scan.Sweeps[s].Moments {
			code, values := 100, scan.Sweeps[s].Moments[m].Values
			for i := range values {
				code = min(max(code+random.IntN(7)-3, 0), 250)
				c := coded{scale: steps[m].scale, offset: steps[m].offset}
				values[i] = c.value(uint16(code))
			}
		}
	}
	return encoded(b, scan)
}

// BenchmarkDecode is a volume to its moments, which hold codes, as ingest does it; beside BenchmarkInflate, which only
// inflates its records one by one.
func BenchmarkDecode(b *testing.B) {
	decoding(b, func(scan *radar.Scan) { scan.Release() })
}

// BenchmarkDecodeValues is a volume to moments that hold values, none of whose memory is used again.
func BenchmarkDecodeValues(b *testing.B) {
	decoding(b, func(scan *radar.Scan) { scan.Expand() })
}

func decoding(b *testing.B, then func(*radar.Scan)) {
	for _, volume := range volumes {
		b.Run(volume.name, func(b *testing.B) {
			data := volume.data(b)
			scan, err := decodeValues("bench", data)
			if err != nil {
				b.Fatal(err)
			}
			measure(b, int64(len(data)), 4*int64(valuesOf(scan)), func() {
				scan, err := Decode("bench", data)
				if err != nil {
					b.Fatal(err)
				}
				then(scan)
			})
		})
	}
}

func BenchmarkInflate(b *testing.B) {
	for _, volume := range volumes {
		b.Run(volume.name, func(b *testing.B) {
			data := volume.data(b)
			var f flaws
			records := splitRecords(data[headerBytes:], &f)
			var reader bzip2.Reader
			buffer := make([]byte, len(slab{}))
			measure(b, int64(len(data)), 0, func() {
				for _, record := range records {
					if err := reader.Reset(bytes.NewReader(record)); err != nil {
						b.Fatal(err)
					}
					if _, err := io.ReadFull(&reader, buffer); err != io.ErrUnexpectedEOF {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// measure reports, beside the time, the CPU of all threads, and bytes allocated per byte of values.
func measure(b *testing.B, packed, values int64, do func()) {
	b.SetBytes(packed)
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	used := cpu.Used(b)
	for b.Loop() {
		do()
	}
	b.ReportMetric(float64((cpu.Used(b)-used).Microseconds())/1e3/float64(b.N), "cpu-ms/op")
	runtime.ReadMemStats(&after)
	if values > 0 {
		b.ReportMetric(float64(values)*float64(b.N)/1e6/b.Elapsed().Seconds(), "decoded-MB/s")
		b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(b.N)/float64(values), "alloc/value")
	}
}

func valuesOf(scan *radar.Scan) (n int) {
	for i := range scan.Sweeps {
		for j := range scan.Sweeps[i].Moments {
			n += len(scan.Sweeps[i].Moments[j].Values)
		}
	}
	return n
}
