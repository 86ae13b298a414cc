package match

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/alerts/place"
	"bowecho/internal/event"
	"bowecho/internal/vincenty"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

func square(west, south, east, north float64) orb.Ring {
	return orb.Ring{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}
}

func hole(r orb.Ring) orb.Ring {
	slices.Reverse(r)
	return r
}

// area is one feature in the making.
type area struct {
	level, lead float64
	geometry    orb.Geometry
}

func announce(t testing.TB, m event.Areas, coverage orb.Geometry, areas ...area) *Areas {
	t.Helper()
	c := geojson.NewFeatureCollection()
	for i, a := range areas {
		f := geojson.NewFeature(a.geometry)
		f.ID = fmt.Sprintf("%g/%g/%d", a.level, a.lead, i)
		f.Properties["level"], f.Properties["leadMinutes"] = a.level, a.lead
		c.Append(f)
	}
	data, err := json.Marshal(c)
	if err == nil && coverage != nil {
		m.Coverage, err = json.Marshal(geojson.NewGeometry(coverage))
	}
	if err != nil {
		t.Fatal(err)
	}
	read, err := Read(&m, data)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

var (
	dbz     = event.Areas{ID: "a", Product: "reflectivity", Units: "dBZ", Levels: []float64{30, 45, 55}, IssueTime: time.Unix(1490771400, 0)}
	all     = orb.MultiPolygon{{square(-100, 30, -90, 40)}}
	atLeast = func(v float64) event.Hazard { return event.Hazard{Product: "reflectivity", AtLeast: v, Units: "dBZ"} }
	homeAt  = [2]float64{-97, 33}
	homeFor = func(withinKM float64, h ...event.Hazard) event.Place {
		return event.Place{Name: "Home", At: homeAt, WithinKM: withinKM, Hazards: h}
	}
	ignoring = cmpopts.IgnoreFields(Reach{}, "DistanceKM")
)

func findOne(t *testing.T, p event.Place, a *Areas) Finding {
	t.Helper()
	findings := Find(place.NewSet([]event.Place{p}), a)
	if len(findings) != 1 {
		t.Fatalf("%d findings, want 1", len(findings))
	}
	return findings[0]
}

func TestDistanceAndBearing(t *testing.T) {
	donut := orb.Polygon{square(-98, 32, -96, 34), hole(square(-97.5, 32.5, -96.5, 33.5))}
	for name, c := range map[string]struct {
		at         [2]float64
		area       orb.Geometry
		distanceKM func() float64
		bearing    string
	}{
		"inside":              {homeAt, orb.Polygon{square(-98, 32, -96, 34)}, km(homeAt, homeAt), ""},
		"north of it":         {homeAt, orb.Polygon{square(-98, 33.5, -96, 34)}, km(homeAt, [2]float64{-97, 33.5}), "N"},
		"a corner":            {homeAt, orb.Polygon{square(-98, 32, -97.2, 32.8)}, km(homeAt, [2]float64{-97.2, 32.8}), "SW"},
		"in a hole":           {[2]float64{-97, 32.7}, donut, km([2]float64{-97, 32.7}, [2]float64{-97, 32.5}), "S"},
		"in a donut":          {[2]float64{-97.7, 33}, donut, km(homeAt, homeAt), ""},
		"an island in a hole": {[2]float64{-97.1, 33}, orb.MultiPolygon{donut, {square(-97.05, 32.9, -96.9, 33.1)}}, km([2]float64{-97.1, 33}, [2]float64{-97.05, 33}), "E"},
		"over the antimeridian": {[2]float64{179.9, 0}, orb.Polygon{square(-179.9, -1, -179, 1)},
			km([2]float64{179.9, 0}, [2]float64{-179.9, 0}), "E"},
		"beyond 180°": {[2]float64{-179.5, 0}, orb.Polygon{square(179, -1, 181, 1)}, km(homeAt, homeAt), ""},
		"at the pole": {[2]float64{0, 90}, orb.Polygon{square(10, 88, 20, 89.5)}, km([2]float64{0, 90}, [2]float64{10, 89.5}), "S"},
	} {
		p := event.Place{Name: "Home", At: c.at, WithinKM: 100, Hazards: []event.Hazard{atLeast(45)}}
		got := findOne(t, p, announce(t, dbz, all, area{45, 0, c.area}))
		want := c.distanceKM()
		bearing := got.Reach.Bearing
		if name == "at the pole" { // every direction is south there
			bearing = "S"
		}
		if got.Sight != Reached || math.Abs(got.Reach.DistanceKM-want) > 1e-4*want || bearing != c.bearing {
			t.Errorf("%s: %s, %.4f km %q; want reached, %.4f km %q", name, got.Sight, got.Reach.DistanceKM, got.Reach.Bearing, want, c.bearing)
		}
	}
}

func km(from, to [2]float64) func() float64 {
	return func() float64 {
		m, _ := vincenty.Inverse(from[0], from[1], to[0], to[1])
		return m / 1000
	}
}

// TestLongEdges has an edge along a parallel, which is far from straight on the ground.
func TestLongEdges(t *testing.T) {
	p := event.Place{Name: "North", At: [2]float64{10, 60}, WithinKM: 100, Hazards: []event.Hazard{atLeast(45)}}
	got := findOne(t, p, announce(t, dbz, all, area{45, 0, orb.Polygon{square(0, 50, 20, 59.5)}}))
	// The nearest point is due south; the straight line between the corners would pass 8 km farther away than the parallel does.
	if want := km([2]float64{10, 60}, [2]float64{10, 59.5})(); math.Abs(got.Reach.DistanceKM-want) > 0.03 || got.Reach.Bearing != "S" {
		t.Errorf("%.3f km %s, want %.3f km S", got.Reach.DistanceKM, got.Reach.Bearing, want)
	}
}

func TestWhatReaches(t *testing.T) {
	near := orb.Polygon{square(-97.1, 32.9, -96.9, 33.1)}
	far := orb.Polygon{square(-96.5, 32.9, -96.4, 33.1)} // 46.7 km east
	for name, c := range map[string]struct {
		place event.Place
		areas []area
		want  Finding
	}{
		"the first lead time counts": {homeFor(5, atLeast(45)), []area{{45, 12, near}, {45, 9, near}, {45, 0, far}},
			Finding{Sight: Reached, Reach: Reach{LeadMinutes: 9, Level: 45, Areas: []string{"45/9/1"}}}},
		"too far":                         {homeFor(46, atLeast(45)), []area{{45, 0, far}}, Finding{Sight: Clear}},
		"just near enough":                {homeFor(47, atLeast(45)), []area{{45, 0, far}}, Finding{Sight: Reached, Reach: Reach{Bearing: "E", Level: 45, Areas: []string{"45/0/0"}}}},
		"too weak":                        {homeFor(5, atLeast(45)), []area{{30, 0, near}}, Finding{Sight: Clear}},
		"stronger counts":                 {homeFor(5, atLeast(30)), []area{{45, 3, near}}, Finding{Sight: Reached, Reach: Reach{LeadMinutes: 3, Level: 45, Areas: []string{"45/3/0"}}}},
		"between levels, the next higher": {homeFor(5, atLeast(40)), []area{{30, 0, near}, {45, 6, near}}, Finding{Sight: Reached, Reach: Reach{LeadMinutes: 6, Level: 45, Areas: []string{"45/6/1"}}}},
		"all areas at that lead time": {homeFor(50, atLeast(30)), []area{{30, 4, far}, {30, 4, near}, {45, 4, near}, {30, 5, near}},
			Finding{Sight: Reached, Reach: Reach{LeadMinutes: 4, Level: 45, Areas: []string{"30/4/0", "30/4/1", "45/4/2"}}}},
		"above all levels": {homeFor(5, atLeast(60)), []area{{55, 0, near}},
			Finding{Sight: Unknown, Why: "areas of reflectivity are drawn at 30, 45, 55 dBZ only"}},
		"other units": {homeFor(5, event.Hazard{Product: "reflectivity", AtLeast: 45, Units: "mph"}), []area{{55, 0, near}},
			Finding{Sight: Unknown, Why: "areas of reflectivity come in other units: mph cannot be told in dBZ"}},
		"no areas at all": {homeFor(5, atLeast(45)), nil, Finding{Sight: Clear}},
	} {
		got := findOne(t, c.place, announce(t, dbz, all, c.areas...))
		c.want.Place, c.want.Hazard = c.place, c.place.Hazards[0]
		if diff := cmp.Diff(c.want, got, ignoring, cmpopts.IgnoreUnexported(Finding{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestNoDataIsNeverClear(t *testing.T) {
	elsewhere := orb.MultiPolygon{{square(-96, 30, -90, 40)}}
	inHole := orb.MultiPolygon{{square(-100, 30, -90, 40), hole(square(-98, 32, -96, 34))}}
	for name, coverage := range map[string]orb.Geometry{"not told": nil, "nothing seen": orb.MultiPolygon{}, "seen elsewhere": elsewhere, "in a hole": inHole} {
		if got := findOne(t, homeFor(5, atLeast(45)), announce(t, dbz, coverage)); got.Sight != Unknown || got.Why == "" {
			t.Errorf("%s: %s %q, want unknown and why", name, got.Sight, got.Why)
		}
		seen := announce(t, dbz, coverage, area{45, 20, orb.Polygon{square(-98, 32, -96, 34)}})
		if got := findOne(t, homeFor(5, atLeast(45)), seen); got.Sight != Reached {
			t.Errorf("%s, but an area moves there: %s, want reached", name, got.Sight)
		}
	}
}

func TestUnitsAreConverted(t *testing.T) {
	wind := event.Areas{ID: "w", Product: "wind", Units: "m/s", Levels: []float64{15, 20.1168}}
	hazards := []event.Hazard{{Product: "wind", AtLeast: 45, Units: "mph"}, {Product: "wind", AtLeast: 45.1, Units: "mph"}, {Product: "hail", AtLeast: 1, Units: "in"}}
	p := homeFor(5, hazards...)
	got := Find(place.NewSet([]event.Place{p}), announce(t, wind, all, area{20.1168, 0, orb.Polygon{square(-98, 32, -96, 34)}}))
	if len(got) != 2 || got[0].Sight != Reached || math.Abs(got[0].Reach.Level-45) > 1e-9 || got[1].Sight != Unknown {
		t.Errorf("got %+v; want 45 mph reached, 45.1 mph unknown, and nothing on hail", got)
	}
	for _, c := range []struct {
		value    float64
		from, to string
		want     float64
	}{{1, "in", "mm", 25.4}, {36, "km/h", "m/s", 10}, {50, "kt", "m/s", 25.7222}, {2, "in/h", "mm/h", 50.8}} {
		if got, err := convert(c.value, c.from, c.to); err != nil || math.Abs(got-c.want) > 1e-4 {
			t.Errorf("%g %s: got %g %s, %v; want %g", c.value, c.from, got, c.to, err, c.want)
		}
	}
	if err := CheckUnits("MPH"); err == nil || !strings.Contains(err.Error(), `want "mph"`) {
		t.Errorf("MPH: %v, want it to propose mph", err)
	}
	if err := CheckUnits("furlongs"); err == nil || !strings.Contains(err.Error(), "kt, m/s") {
		t.Errorf("furlongs: %v, want the known units", err)
	}
}

func TestReadRefuses(t *testing.T) {
	feature := func(properties, geometry string) string {
		return `{"type":"FeatureCollection","features":[{"type":"Feature","id":"x","properties":{` + properties + `},"geometry":` + geometry + `}]}`
	}
	polygon := func(ring string) string { return `{"type":"Polygon","coordinates":[` + ring + `]}` }
	const properties = `"level":45,"leadMinutes":0`
	for name, c := range map[string]struct{ collection, want string }{
		"not JSON":         {"<html>", "invalid"},
		"no level":         {feature(`"leadMinutes":0`, polygon("[[0,0],[1,0],[1,1],[0,0]]")), "level <nil>"},
		"a line":           {feature(properties, `{"type":"LineString","coordinates":[[0,0],[1,1]]}`), "LineString"},
		"no geometry":      {feature(properties, "null"), "no geometry"},
		"an open ring":     {feature(properties, polygon("[[0,0],[1,0],[1,1],[0,1]]")), "RFC 7946"},
		"an empty ring":    {feature(properties, polygon("[]")), "RFC 7946"},
		"not on the globe": {feature(properties, polygon("[[0,91],[1,91],[1,92],[0,91]]")), "want [longitude, latitude]"},
	} {
		if _, err := Read(&dbz, []byte(c.collection)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to hold %q", name, err, c.want)
		}
	}
	bad := dbz
	bad.Coverage = json.RawMessage(`{"type":"Point","coordinates":[0,0]}`)
	if _, err := Read(&bad, []byte(`{"type":"FeatureCollection","features":[]}`)); err == nil || !strings.Contains(err.Error(), "coverage") {
		t.Errorf("coverage of a point: %v, want it to name the coverage", err)
	}
}
