package quality

import (
	"os"
	"testing"

	"bowecho/ingest"
	"bowecho/internal/cpu"
	"bowecho/internal/radar"
	"bowecho/internal/realdata"
)

func BenchmarkMark(b *testing.B) {
	for name, path := range map[string][]string{
		"CASA Addison":     {"data", "casa-20170329", "addison.tx-20170329-073831.netcdf.gz"},
		"CASA Cleburne":    {"data", "casa-20170329", "cleburne.tx-20170329-073802.netcdf.gz"},
		"CASA Denton":      {"data", "casa-20170329", "denton.tx-20170329-073801.netcdf.gz"},
		"super-resolution": {"data", "nexrad", "KFWS20190609_222523.bin"},
		"volume":           {"data", "nexrad", "KLBB20160601_150025_V06"},
	} {
		b.Run(name, func(b *testing.B) {
			scan := decoded(b, path...)
			gates := 0
			for i := range scan.Sweeps {
				gates += len(scan.Sweeps[i].Moment(radar.DBZH).Values)
			}
			b.ReportAllocs()
			before := cpu.Used(b)
			for b.Loop() {
				Mark(scan, ProfileFor(scan.Site.Name))
			}
			used := (cpu.Used(b) - before).Seconds()
			b.ReportMetric(1e3*used/float64(b.N), "cpu-ms/scan")
			b.ReportMetric(1e9*used/float64(b.N*gates), "cpu-ns/gate")
		})
	}
}

// BenchmarkMarkBirds has every gate of a super-resolution sweep in doubt: what no weather costs more than.
func BenchmarkMarkBirds(b *testing.B) {
	const rays, gates = 720, 1832
	s := radar.Sweep{ElevationDeg: 0.5, NyquistMS: 25, Rays: make([]radar.Ray, rays)}
	for i := range s.Rays {
		s.Rays[i].AzimuthDeg = float32(i) / 2
	}
	for name, value := range map[string]func(int, int) float32{
		radar.DBZH: scatter(15, 3), radar.RHOHV: scatter(0.7, 0.1), radar.ZDR: scatter(4, 3), radar.PHIDP: scatter(120, 40),
		radar.VRADH: scatter(5, 3), radar.WRADH: scatter(4, 1),
	} {
		m := radar.Moment{Name: name, Gates: radar.Gates{Count: gates, FirstM: 2125, SpacingM: 250}, Values: make([]float32, rays*gates)}
		for i := range m.Values {
			m.Values[i] = value(i/gates, i%gates)
		}
		s.Moments = append(s.Moments, m)
	}
	scan := &radar.Scan{Sweeps: []radar.Sweep{s}}
	b.ReportAllocs()
	before := cpu.Used(b)
	for b.Loop() {
		Mark(scan, usual)
	}
	b.ReportMetric(1e9*(cpu.Used(b)-before).Seconds()/float64(b.N*rays*gates), "cpu-ns/gate")
}

func decoded(t testing.TB, path ...string) *radar.Scan {
	t.Helper()
	name := realdata.Path(t, path...)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	scan, err := ingest.Decode(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return scan
}
