package match

import (
	"encoding/json"
	"fmt"
	"slices"

	"bowecho/internal/event"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// Areas is one announcement of areas, ready to be measured. It does not change.
type Areas struct {
	product  string
	units    string
	levels   []float64
	features []feature // by lead time
	coverage *outline
}

type feature struct {
	id          string
	level       float64
	leadMinutes float64
	outline     *outline
}

// Read makes areas ready. The collection is the announced GeoJSON FeatureCollection of polygons.
func Read(m *event.Areas, collection []byte) (*Areas, error) {
	a := &Areas{product: m.Product, units: m.Units, levels: m.Levels}
	decoded, err := geojson.UnmarshalFeatureCollection(collection)
	if err != nil {
		return nil, fmt.Errorf("read areas %s: %w", m.ID, err)
	}
	for i, f := range decoded.Features {
		made, err := newFeature(f)
		if err != nil {
			return nil, fmt.Errorf("read areas %s, feature %d: %w", m.ID, i, err)
		}
		a.features = append(a.features, made)
	}
	slices.SortStableFunc(a.features, func(f, g feature) int {
		switch {
		case f.leadMinutes < g.leadMinutes:
			return -1
		case f.leadMinutes > g.leadMinutes:
			return 1
		}
		return 0
	})
	if a.coverage, err = readCoverage(m.Coverage); err != nil {
		return nil, fmt.Errorf("read areas %s, coverage: %w", m.ID, err)
	}
	return a, nil
}

func newFeature(f *geojson.Feature) (feature, error) {
	id, ok := f.ID.(string)
	level, okLevel := f.Properties["level"].(float64)
	lead, okLead := f.Properties["leadMinutes"].(float64)
	if !ok || !okLevel || !okLead {
		return feature{}, fmt.Errorf("id %v, level %v, leadMinutes %v; want a string and two numbers",
			f.ID, f.Properties["level"], f.Properties["leadMinutes"])
	}
	polygons, err := polygonsOf(f.Geometry)
	if err != nil {
		return feature{}, err
	}
	o, err := newOutline(polygons...)
	return feature{id, level, lead, o}, err
}

func polygonsOf(g orb.Geometry) ([]orb.Polygon, error) {
	switch g := g.(type) {
	case orb.Polygon:
		return []orb.Polygon{g}, nil
	case orb.MultiPolygon:
		return g, nil
	case nil:
		return nil, fmt.Errorf("no geometry, want a Polygon or MultiPolygon")
	}
	return nil, fmt.Errorf("geometry %s, want a Polygon or MultiPolygon", g.GeoJSONType())
}

// readCoverage gives what radars saw: nothing where that is not told.
func readCoverage(data json.RawMessage) (*outline, error) {
	if len(data) == 0 || string(data) == "null" {
		return newOutline()
	}
	g, err := geojson.UnmarshalGeometry(data)
	if err != nil {
		return nil, err
	}
	polygons, err := polygonsOf(g.Geometry())
	if err != nil {
		return nil, err
	}
	return newOutline(polygons...)
}
