package main

import (
	"encoding/json"
	"strings"
	"testing"

	"bowecho/internal/config"

	"github.com/google/go-cmp/cmp"
)

// TestExampleConfigIsTheDefault holds that deploy/config/bowecho.yaml shows every key with its default.
func TestExampleConfigIsTheDefault(t *testing.T) {
	var shown Config
	if err := config.Load("../../deploy/config/bowecho.yaml", &shown); err != nil {
		t.Fatal(err)
	}
	if err := shown.validate(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(plain(t, defaultConfig()), plain(t, shown)); diff != "" {
		t.Errorf("the example (+) is not the default (-):\n%s", diff)
	}
}

// plain gives a config as JSON reads it, where empty and absent lists are the same.
func plain(t *testing.T, c Config) any {
	t.Helper()
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(":[]", ":null", ":{}", ":null").Replace(string(data))
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestConfigMistakesAreNamed(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want string }{
		"unknown parameter": {"dispatcher: {chains: {contour: {on: grid.nowcast, worker: contour, parameters: {levls: [30]}}}}", "levls"},
		"falling levels":    {"dispatcher: {chains: {contour: {on: grid.nowcast, worker: contour, parameters: {levels: [45, 30]}}}}", "rising"},
		"unknown worker":    {"dispatcher: {chains: {hail: {on: grid.mosaic, worker: hailcast}}}", `"hailcast", want one of burn, contour, mosaic, nowcast, picture, probability`}, // burn is of the tests
		"no such chain":     {"dispatcher: {triggers: [{name: t, when: 'true', opens: [rain]}]}", `"rain", which is no chain`},
		"bad expression":    {"dispatcher: {triggers: [{name: t, when: 'regime > 1', opens: [mosaic]}]}", "trigger t"},
		"domain off globe":  {"domains: [{name: x, center: [0, 89.9], rows: 1000, cols: 1000, cell_size_m: 1000}]", "globe"},
		"unknown units":     {"alerts: {places: [{name: p, at: [-97, 32], within_km: 5, hazards: [{product: wind, at_least: 45, units: furlongs}]}]}", "furlongs"},
	} {
		t.Run(name, func(t *testing.T) {
			_, code, stderr := output(t, "run", "-c", writeFile(t, t.TempDir(), "c.yaml", []byte(c.yaml)))
			if code != exitUsage || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, %q; want %d and %q", code, stderr, exitUsage, c.want)
			}
		})
	}
}

func TestExitCodes(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want int
	}{
		"help":          {[]string{"nowcast", "--help"}, 0},
		"no such file":  {[]string{"scan", "none.nc"}, exitFailed},
		"no argument":   {[]string{"scan"}, exitUsage},
		"flag missing":  {[]string{"nowcast", "--grids", "x.nc"}, exitUsage},
		"flag unknown":  {[]string{"run", "--sauce", "x"}, exitUsage},
		"no command":    {[]string{"forecast"}, exitUsage},
		"not a number":  {[]string{"contour", "--in", "x.nc", "--out", "y", "--levels", "high"}, exitUsage},
		"no such place": {[]string{"run", "--source", "folder:/none"}, exitUsage},
		"no server":     {[]string{"work", "--chain", "mosaic"}, exitUsage},
	} {
		if _, code, stderr := output(t, c.args...); code != c.want || (code != 0 && !strings.HasPrefix(stderr, "bowecho: ")) {
			t.Errorf("%s: exit code %d, %q; want %d and a line that says why", name, code, stderr, c.want)
		}
	}
}
