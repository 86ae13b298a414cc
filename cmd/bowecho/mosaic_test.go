package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/internal/racing"
	"bowecho/internal/realdata"
)

// TestMosaicOfFiles lays files of two formats on one grid, and one radar's on a grid a minute.
func TestMosaicOfFiles(t *testing.T) {
	racing.Skip(t, "the calculation is watched in its package")
	t.Parallel()
	casa := func(name string) string {
		return realdata.Path(t, "data", "casa-20170329", name+".netcdf.gz")
	}
	kfws := realdata.Path(t, "data", "nexrad", "KFWS20190609_222523.bin")
	klbb, around := realdata.Path(t, "data", "nexrad", "KLBB20160601_150025_V06"), filepath.Join(t.TempDir(), "lubbock.yaml")
	domain := "domains: [{name: lubbock, center: [-101.81, 33.65], rows: 100, cols: 100, cell_size_m: 2000}]\n"
	if err := os.WriteFile(around, []byte(domain), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "mosaic.nc")
	addison := []string{casa("addison.tx-20170329-073634"), casa("addison.tx-20170329-073732"), casa("addison.tx-20170329-073831")}
	for name, c := range map[string]struct {
		args   []string
		radars string
		times  int
	}{
		"mixed":         {[]string{addison[2], kfws, casa("denton.tx-20170329-073827"), "--keep", "30000h"}, "KFWS addison.tx denton.tx", 1},
		"weighted band": {[]string{addison[2], casa("denton.tx-20170329-073827"), "--heights", "band", "--combine", "weighted"}, "addison.tx denton.tx", 1},
		"CAPPI, moved":  {[]string{kfws, "--heights", "cappi", "--cappi", "2000", "--above", "sea", "--move", "12,-4"}, "KFWS", 1},
		"a long volume": {[]string{klbb, "--heights", "cappi", "-c", around}, "KLBB", 1},
		"too old":       {[]string{addison[0], addison[2], kfws}, "KFWS", 1},
		"at a time":     {[]string{addison[0], casa("denton.tx-20170329-073827"), "--at", "2017-03-29T07:37:00Z"}, "addison.tx", 1},
		"every minute":  {append(slices.Clone(addison), "--every", "1m"), "addison.tx", 3},
	} {
		run(t, append([]string{"mosaic", "--out", out}, c.args...)...)
		f, err := ncfile.Read(out, -1)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(f.Grid.Radars, " "); got != c.radars || len(f.Grid.Leads) != c.times {
			t.Errorf("%s: radars %s at %d times, want %s at %d", name, got, len(f.Grid.Leads), c.radars, c.times)
		}
		for i, lead := range f.Grid.Leads {
			if !slices.ContainsFunc(lead.Field.Values, func(v float32) bool { return v > grid.NoEchoDBZ }) {
				t.Errorf("%s: no echo at %v", name, f.Grid.ValidTime(i).Format(time.TimeOnly))
			}
		}
	}
	if _, code, stderr := output(t, "mosaic", "--out", out, klbb); code != 0 || !strings.Contains(stderr, "no beam of these files reaches the domain dfw") {
		t.Errorf("of another domain: exit code %d and %q, want it told", code, stderr)
	}
	for want, args := range map[string][]string{
		"want one of lowest": {addison[0], "--heights", "all"},
		"like 12,-4":         {addison[0], "--move", "3"},
		"no scan of the 5m":  {addison[0], "--at", "2017-03-30T07:37:00Z"},
	} {
		if _, code, stderr := output(t, append([]string{"mosaic", "--out", out}, args...)...); code == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit code %d and %q, want it to hold %q", args, code, stderr, want)
		}
	}
}
