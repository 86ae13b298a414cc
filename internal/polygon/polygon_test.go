package polygon

import (
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

func TestCheck(t *testing.T) {
	shell := orb.Ring{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}
	for _, c := range []struct {
		name string
		g    orb.Geometry
		want string // part of the reason, empty: valid
	}{
		{"square", orb.Polygon{shell}, ""},
		{"hole inside", orb.Polygon{shell, {{1, 1}, {1, 2}, {2, 2}, {1, 1}}}, ""},
		{"hole outside", orb.Polygon{shell, {{5, 5}, {5, 6}, {6, 6}, {5, 5}}}, "Hole lies outside shell"},
		{"bow tie", orb.Polygon{{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}}, "Self-intersection[1 1]"},
		{"open ring", orb.Polygon{{{0, 0}, {2, 2}, {2, 0}, {0, 2}}}, "check geometry"},
		{"nothing", orb.MultiPolygon{}, ""},
		{"nil", orb.MultiPolygon(nil), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Check(c.g)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("Check gave %v, want %q", err, c.want)
			}
		})
	}
}
