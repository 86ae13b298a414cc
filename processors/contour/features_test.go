package contour

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"bowecho/internal/grid"
)

type collection struct {
	Type     string
	Features []struct {
		Type       string
		ID         string
		Properties map[string]any
		Geometry   struct {
			Type        string
			Coordinates orb.Polygon
		}
	}
}

func read(t *testing.T, data []byte) (c collection) {
	t.Helper()
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCollection(t *testing.T) {
	issued := time.Date(2017, 3, 29, 7, 25, 30, 500e6, time.UTC)
	d := grid.Centred("dfw", 33, -97, 40, 50, 250)
	f := gaussian(40, 50, 20, 25, 6)
	c := NewCollection(Origin{Product: "reflectivity", Units: "dBZ", Domain: d.Name, IssueTime: issued, Radars: []string{"addison", `a"b`}})
	for _, lead := range []float64{0, 2.5} {
		for _, level := range []float64{30, 45} {
			c.Add(level, lead, OnMap(Polygons(f, level), d))
		}
	}
	got := read(t, c.JSON())
	if len(got.Features) != 4 || c.Len() != 4 {
		t.Fatalf("%d features and a count of %d, want 4", len(got.Features), c.Len())
	}
	ids := map[string]bool{}
	for _, feature := range got.Features {
		if feature.Type != "Feature" || feature.Geometry.Type != "Polygon" {
			t.Errorf("a %s with a %s, want a Feature with a Polygon", feature.Type, feature.Geometry.Type)
		}
		ids[feature.ID] = true
	}
	if len(ids) != 4 {
		t.Errorf("ids %v, want four", ids)
	}

	last := got.Features[3]
	area := AreaKM2(last.Geometry.Coordinates)
	want := map[string]any{
		"product": "reflectivity", "level": 45.0, "units": "dBZ", "leadMinutes": 2.5, "domain": "dfw",
		"issueTime": "2017-03-29T07:25:30.5Z", "validTime": "2017-03-29T07:28:00.5Z",
		"radars": []any{"addison", `a"b`}, "areaKm2": last.Properties["areaKm2"],
	}
	if diff := cmp.Diff(want, last.Properties); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if given := last.Properties["areaKm2"].(float64); given < area-1e-4 || given > area+1e-4 {
		t.Errorf("areaKm2 %g, want %g", given, area)
	}
	if want := "dfw/reflectivity/20170329T072530.5Z/45/2.5/1"; last.ID != want {
		t.Errorf("id %v, want %s", last.ID, want)
	}
	if diff := cmp.Diff(OnMap(Polygons(f, 45), d)[0], last.Geometry.Coordinates); diff != "" {
		t.Errorf("geometry (-want +got)\n%s", diff)
	}
}

func TestEmptyCollection(t *testing.T) {
	c := NewCollection(Origin{Product: "reflectivity"})
	c.Add(30, 0, nil)
	if got, want := string(c.JSON()), "{\"type\":\"FeatureCollection\",\"features\":[]}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCollectionInCells(t *testing.T) {
	c := NewCollection(Origin{InCells: true})
	c.Add(20, 0, Polygons(field("000", "040", "000"), 20))
	p := read(t, c.JSON()).Features[0].Properties
	if p["areaCells"] != 0.5 || p["areaKm2"] != nil {
		t.Errorf("properties %v, want areaCells 0.5 only", p)
	}
	if radars, _ := p["radars"].([]any); radars == nil {
		t.Errorf("radars %v, want an empty list", p["radars"])
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 1: "1", -97.5: "-97.5", -0.000001: "-0.000001", 33.100001: "33.100001", 1.0 / 3: "0.3333333333333333",
		-96.123456: "-96.123456", 1121: "1121", 1e-9: "0.000000001",
	} {
		if got := string(appendNumber(nil, v)); got != want {
			t.Errorf("%v is written as %s, want %s", v, got, want)
		}
	}
}

func TestMultiPolygon(t *testing.T) {
	want := orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}, {{0.5, 0.1}, {0.6, 0.3}, {0.7, 0.2}, {0.5, 0.1}}}, {{{5, 5}, {6, 5}, {6, 6}, {5, 5}}}}
	var got struct {
		Type        string
		Coordinates orb.MultiPolygon
	}
	if err := json.Unmarshal(MultiPolygon(want), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Coordinates); diff != "" || got.Type != "MultiPolygon" {
		t.Errorf("type %s (-want +got)\n%s", got.Type, diff)
	}
	if got := string(MultiPolygon(nil)); got != `{"type":"MultiPolygon","coordinates":[]}` {
		t.Errorf("nothing is written as %s", got)
	}
}
