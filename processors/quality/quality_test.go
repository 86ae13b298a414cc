package quality

import (
	"testing"

	"bowecho/internal/radar"
)

const (
	rays  = 36
	gates = 80
)

// sweep gives a scan in which every moment is as a function of ray and gate says.
func sweep(name string, moments map[string]func(ray, gate int) float32) *radar.Scan {
	s := radar.Sweep{Rays: make([]radar.Ray, rays)}
	for moment, value := range moments {
		m := radar.Moment{Name: moment, Gates: radar.Gates{Count: gates, SpacingM: 100}, Values: make([]float32, rays*gates)}
		for i := range m.Values {
			m.Values[i] = value(i/gates, i%gates)
		}
		s.Moments = append(s.Moments, m)
	}
	return &radar.Scan{Site: radar.Site{Name: name}, Sweeps: []radar.Sweep{s}}
}

func always(v float32) func(int, int) float32 { return func(int, int) float32 { return v } }

// count tells how many gates of the cleaned scan have a status.
func count(scan *radar.Scan, want radar.Status) (n int) {
	z := Clean(scan, ProfileFor(scan.Site.Name)).Sweeps[0].Moment(radar.DBZH)
	for _, v := range z.Values {
		if radar.StatusOf(v) == want {
			n++
		}
	}
	return n
}

func TestWhatIsWeather(t *testing.T) {
	const all = rays * gates
	half := func(a, b float32) func(int, int) float32 {
		return func(_, gate int) float32 {
			if gate < gates/2 {
				return a
			}
			return b
		}
	}
	for name, c := range map[string]struct {
		scan                 *radar.Scan
		valid, empty, noData int
	}{
		"rain":              {sweep("x", map[string]func(int, int) float32{radar.DBZH: always(40), radar.RHOHV: always(0.98), radar.SNRH: half(20, 30)}), all, 0, 0},
		"clutter":           {sweep("x", map[string]func(int, int) float32{radar.DBZH: always(60), radar.RHOHV: always(0.5)}), 0, all, 0},
		"noise in one half": {sweep("x", map[string]func(int, int) float32{radar.DBZH: always(10), radar.SNRH: half(0, 30)}), all / 2, all / 2, 0},
		"placeholder SNR":   {sweep("denton.tx", map[string]func(int, int) float32{radar.DBZH: always(40), radar.SNRH: always(1)}), all, 0, 0},
		"Denton's flags":    {sweep("denton.tx", map[string]func(int, int) float32{radar.DBZH: always(40), flags: half(4, 0)}), all / 2, all / 2, 0},
		"flags of another":  {sweep("x", map[string]func(int, int) float32{radar.DBZH: always(40), flags: always(4)}), all, 0, 0},
		"Cleburne's first":  {sweep("cleburne.tx", map[string]func(int, int) float32{radar.DBZH: always(30)}), all - 50*rays, 0, 50 * rays},
		"missing":           {sweep("x", map[string]func(int, int) float32{radar.DBZH: always(radar.NoDataValue)}), 0, all, 0},
		"range folded":      {sweep("x", map[string]func(int, int) float32{radar.DBZH: always(radar.RangeFoldedValue)}), 0, 0, all},
	} {
		if v, e, n := count(c.scan, radar.Valid), count(c.scan, radar.BelowThreshold), count(c.scan, radar.NoData); v != c.valid || e != c.empty || n != c.noData {
			t.Errorf("%s: %d valid, %d empty, %d without data; want %d, %d, %d", name, v, e, n, c.valid, c.empty, c.noData)
		}
	}
}

func TestSpeckle(t *testing.T) {
	only := func(is func(ray, gate int) bool) *radar.Scan {
		return sweep("x", map[string]func(int, int) float32{radar.DBZH: func(ray, gate int) float32 {
			if is(ray, gate) {
				return 45
			}
			return radar.NoDataValue
		}})
	}
	for name, c := range map[string]struct {
		is   func(ray, gate int) bool
		want int
	}{
		"one gate":         {func(r, g int) bool { return r == 5 && g == 40 }, 0},
		"three by three":   {func(r, g int) bool { return r >= 5 && r < 8 && g >= 40 && g < 43 }, 9},
		"over north":       {func(r, g int) bool { return (r == 35 || r < 2) && g >= 40 && g < 43 }, 9},
		"a line of a ray":  {func(r, _ int) bool { return r == 9 }, 0},
		"at the first":     {func(r, g int) bool { return r >= 5 && r < 8 && g < 3 }, 9},
		"at the last gate": {func(r, g int) bool { return r >= 5 && r < 8 && g >= gates-3 }, 9},
	} {
		if got := count(only(c.is), radar.Valid); got != c.want {
			t.Errorf("%s: %d gates left, want %d", name, got, c.want)
		}
	}
}

func TestTheScanIsNotChanged(t *testing.T) {
	scan := sweep("x", map[string]func(int, int) float32{radar.DBZH: always(60), radar.RHOHV: always(0.3)})
	Clean(scan, ProfileFor("x"))
	if v := scan.Sweeps[0].Moment(radar.DBZH).Values[0]; v != 60 || len(scan.Sweeps[0].Moments) != 2 {
		t.Errorf("the scan given was changed: %g", v)
	}
	if got := Clean(&radar.Scan{Sweeps: []radar.Sweep{{}}}, usual); len(got.Sweeps) != 0 {
		t.Error("a sweep without reflectivity was kept")
	}
}
