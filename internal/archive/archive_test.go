package archive

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/internal/stream/streamtest"
)

func TestEveryProductBecomesAFile(t *testing.T) {
	client, dir := streamtest.Connect(t), t.TempDir()
	put := func(data []byte) string {
		key, err := client.Put(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	issued := time.Date(2017, 3, 29, 7, 10, 5, 0, time.UTC)
	g := &grid.Grid{Product: "mosaic", Quantity: "DBZH", Units: "dBZ", Domain: grid.Centred("dfw", 32.65, -97, 12, 10, 250), IssueTime: issued,
		Leads: []grid.Lead{{Field: grid.NewField(12, 10)}}}
	g.Leads[0].Field.Values[5] = 42
	data, err := grid.Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []event.Message{
		&event.Grid{V: event.Version, ID: "g", Product: "mosaic", Domain: g.Domain, IssueTime: issued, Key: put(data)},
		&event.Pictures{V: event.Version, ID: "p", Product: "reflectivity", Domain: g.Domain, IssueTime: issued, Frames: []event.Frame{{LeadMinutes: 5, Key: put([]byte("png"))}}},
		&event.Areas{V: event.Version, ID: "a", Product: "reflectivity", Domain: "dfw", IssueTime: issued, Collection: []byte(`{"inline":1}`)},
		&event.Areas{V: event.Version, ID: "b", Product: "reflectivity", Domain: "dfw", IssueTime: issued.Add(time.Minute), Key: put([]byte(`{"stored":1}`))},
	} {
		if _, err := client.Publish(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	a, err := New(dir, client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	want := []string{
		"areas/reflectivity_dfw_20170329T071005Z.geojson", "areas/reflectivity_dfw_20170329T071105Z.geojson",
		"grids/mosaic_dfw_20170329T071005Z.nc", "pictures/reflectivity_dfw_20170329T071005Z_05min.png",
	}
	give := time.Now().Add(20 * time.Second)
	for !slices.Equal(files(t, dir), want) && time.Now().Before(give) {
		time.Sleep(20 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Fatalf("files %v, want %v", got, want)
	}
	f, err := ncfile.Read(filepath.Join(dir, want[2]), -1)
	if err != nil || f.Grid.Leads[0].Field.Values[5] != 42 {
		t.Errorf("the grid's file: %+v, %v", f, err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, want[1])); err != nil || string(text) != `{"stored":1}` {
		t.Errorf("the areas' file: %s, %v", text, err)
	}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		name, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) != ".part" {
			names = append(names, filepath.ToSlash(name))
		}
	}
	return names
}
