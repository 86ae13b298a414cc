package summary

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"bowecho/internal/racing"
	"bowecho/internal/radar"
	"bowecho/internal/realdata"
	"bowecho/internal/storm"
)

// withCores gives a disc of light rain, 360 rays with 100 gates of 500 m, in which some gates are at 50 dBZ.
func withCores(cores map[int][]int) *radar.Scan {
	scan := disc(25, 0.99)
	sweep := &scan.Sweeps[0]
	for ray := range sweep.Rays {
		sweep.Rays[ray].AzimuthDeg = float32(ray) + 0.5
		for _, gate := range cores[ray] {
			sweep.Moments[0].Values[ray*100+gate] = 50
		}
	}
	return scan
}

func span(from, to int) (gates []int) {
	for gate := from; gate < to; gate++ {
		gates = append(gates, gate)
	}
	return gates
}

func TestCellsOfASweep(t *testing.T) {
	// A gate at 25 km has 0.22 km², one at 50 km 0.43 km².
	for name, c := range map[string]struct {
		cores map[int][]int
		want  int
	}{
		"none":                        {nil, 0},
		"speckle":                     {map[int][]int{10: {50}, 80: {90, 91}, 200: {99}}, 0},
		"one":                         {map[int][]int{10: span(50, 70)}, 1},
		"two":                         {map[int][]int{10: span(50, 70), 12: span(50, 70)}, 2},
		"one that touches itself":     {map[int][]int{10: span(50, 70), 11: {70}, 12: span(71, 80)}, 1},
		"across north, each too few":  {map[int][]int{359: span(55, 66), 0: span(66, 77)}, 1},
		"across north, but not quite": {map[int][]int{359: span(50, 70), 0: span(71, 90)}, 2},
	} {
		if got := Of(withCores(c.cores)).Cells; got != c.want {
			t.Errorf("%s: %d cells, want %d", name, got, c.want)
		}
	}
}

func TestCellsWhereverTheAntennaBegan(t *testing.T) {
	scan := withCores(map[int][]int{359: span(55, 66), 0: span(66, 77), 100: span(50, 70), 101: span(50, 70)})
	sweep := &scan.Sweeps[0]
	rotate := func(rays int) {
		sweep.Rays = append(slices.Clone(sweep.Rays[rays:]), sweep.Rays[:rays]...)
		for i := range sweep.Moments {
			v := sweep.Moments[i].Values
			sweep.Moments[i].Values = append(slices.Clone(v[rays*100:]), v[:rays*100]...)
		}
	}
	for range 8 {
		rotate(45)
		if got := Of(scan).Cells; got != 2 {
			t.Errorf("begun at %g°: %d cells, want 2", sweep.Rays[0].AzimuthDeg, got)
		}
	}
	sweep.Rays = append(sweep.Rays, sweep.Rays[:20]...) // and on for 20° more
	for i := range sweep.Moments {
		sweep.Moments[i].Values = append(sweep.Moments[i].Values, sweep.Moments[i].Values[:20*100]...)
	}
	if got := Of(scan).Cells; got != 2 {
		t.Errorf("a turn and 20° more: %d cells, want 2", got)
	}
}

func TestCellsOfASectorDoNotMeetBehind(t *testing.T) {
	scan := withCores(map[int][]int{0: span(55, 60), 89: span(60, 65)}) // 2.5 km² each
	sweep := &scan.Sweeps[0]
	sweep.Rays = sweep.Rays[:90]
	for i := range sweep.Moments {
		sweep.Moments[i].Values = sweep.Moments[i].Values[:90*100]
	}
	if got := Of(scan).Cells; got != 0 {
		t.Errorf("%d cells, want none: each half is too small, and they lie 89° apart", got)
	}
}

// flooded counts the cells of a sweep by filling one after the other, gate by gate.
func flooded(sweep *radar.Sweep) (cells int) {
	z, areas := sweep.Moment(radar.DBZH), gateAreasKM2(sweep, sweep.Moment(radar.DBZH).Gates)
	turn, notWeather := aroundTheTurn(sweep), judge(sweep)
	high := make([][]bool, len(turn))
	for i, ray := range turn {
		notWeather.next(ray)
		for gate, v := range z.Ray(ray) {
			high[i] = append(high[i], radar.StatusOf(v) == radar.Valid && v >= storm.CellDBZ && !notWeather.at(gate))
		}
	}
	for i := range high {
		for gate := range high[i] {
			area := 0.0
			for todo := [][2]int{{i, gate}}; len(todo) > 0; {
				at := todo[len(todo)-1]
				todo = todo[:len(todo)-1]
				if at[1] < 0 || at[1] >= z.Gates.Count || !high[at[0]][at[1]] {
					continue
				}
				high[at[0]][at[1]] = false
				area += areas[at[1]]
				for _, step := range []int{-1, 0, 1} {
					next := (at[0] + step + len(turn)) % len(turn)
					if step >= 0 && beside(sweep, turn[at[0]], turn[next]) || step < 0 && beside(sweep, turn[next], turn[at[0]]) {
						todo = append(todo, [2]int{next, at[1] - 1}, [2]int{next, at[1]}, [2]int{next, at[1] + 1})
					}
				}
			}
			if area >= storm.CellAreaKM2 {
				cells++
			}
		}
	}
	return cells
}

func TestCellsOfARealStorm(t *testing.T) {
	racing.Skip(t, "one goroutine calculates")
	most := 0
	files, err := filepath.Glob(filepath.Join(realdata.Path(t, "data", "casa-20170329"), "*.netcdf.gz"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		scan := real(t, filepath.Base(file))
		got, want := Of(scan).Cells, flooded(&scan.Sweeps[0])
		if got != want {
			t.Errorf("%s: %d cells, flood fill finds %d", filepath.Base(file), got, want)
		}
		t.Logf("%s: %d cells, %.0f km² at or above 40 dBZ", filepath.Base(file), got, Of(scan).KM2Above(40))
		most = max(most, got)
	}
	if most < 3 {
		t.Errorf("at most %d cells, want some of a squall line", most)
	}
}

func BenchmarkOf(b *testing.B) {
	noise := disc(0, 0.99)
	for i := range noise.Sweeps[0].Moments[0].Values {
		noise.Sweeps[0].Rays[i/100].AzimuthDeg = float32(i / 100)
		noise.Sweeps[0].Moments[0].Values[i] = 30 + 20*rand.Float32()
	}
	for name, scan := range map[string]*radar.Scan{
		"addison": real(b, "addison.tx-20170329-074917.netcdf.gz"), "half of all gates at random": noise,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Of(scan)
			}
		})
	}
}
