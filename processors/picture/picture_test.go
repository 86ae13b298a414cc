package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"bowecho/internal/grid"
)

func decode(t *testing.T, data []byte) *image.Paletted {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	paletted, ok := img.(*image.Paletted)
	if !ok {
		t.Fatalf("a %T, want a palette", img)
	}
	return paletted
}

func TestColours(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	f := &grid.Field{Rows: 2, Cols: 5, Values: []float32{nan, grid.NoEchoDBZ, 0, 4.9, 5, 34.9, 35, 69.9, 70, inf}}
	p := Reflectivity()
	var out bytes.Buffer
	if err := EncodeGrid(&out, f, p); err != nil {
		t.Fatal(err)
	}
	none := color.NRGBA{}
	step := func(from float32) color.NRGBA {
		for _, s := range p.Steps {
			if s.From == from {
				return s.Colour
			}
		}
		t.Fatalf("no step at %g", from)
		return none
	}
	img := decode(t, out.Bytes())
	for i, want := range []color.NRGBA{p.Unobserved, none, none, none, step(5), step(30), step(35), step(65), step(70), step(70)} {
		if got := color.NRGBAModel.Convert(img.At(i%5, i/5)); got != want {
			t.Errorf("%g has the colour %v, want %v", f.Values[i], got, want)
		}
	}
}

func TestPaletteRises(t *testing.T) {
	p := Reflectivity()
	for i, s := range p.Steps {
		if want := float32(5 + 5*i); s.From != want {
			t.Errorf("step %d begins at %g, want %g", i, s.From, want)
		}
		if s.Colour.A == 0 {
			t.Errorf("step %g is clear", s.From)
		}
	}
	if p.Unobserved.A == 0 {
		t.Error("what was not observed is clear")
	}
}

func TestLegend(t *testing.T) {
	p := Palette{Steps: []Step{{5, color.NRGBA{1, 2, 3, 4}}, {7.5, color.NRGBA{255, 0, 16, 255}}}, Unobserved: color.NRGBA{128, 128, 128, 46}}
	steps, unobserved := p.Legend()
	if len(steps) != 2 || steps[0] != (Entry{5, "#01020304"}) || steps[1] != (Entry{7.5, "#ff0010ff"}) || unobserved != "#8080802e" {
		t.Errorf("got %v and %s", steps, unobserved)
	}
}

// TestMercatorRow has a line of echo at 45° N in a domain from 20° to 60° N. By EPSG:3857, northings are
// 2273030.93 m at 20°, 5621521.49 m at 45° and 8399737.89 m at 60°, so that 45° lies 45.346 % of the way down.
func TestMercatorRow(t *testing.T) {
	const rows = 4000
	d := grid.Domain{Name: "test", Rows: rows, Cols: 3, NorthDeg: 60, WestDeg: -100, LatSpacingDeg: 0.01, LonSpacingDeg: 0.01}
	f := &grid.Field{Rows: rows, Cols: 3, Values: make([]float32, rows*3)}
	at, _ := d.Cell(45, -100)
	f.Row(int(math.Round(at)))[1] = 40
	var out bytes.Buffer
	if err := Encode(&out, f, d, Reflectivity()); err != nil {
		t.Fatal(err)
	}
	img := decode(t, out.Bytes())
	if img.Bounds() != image.Rect(0, 0, 3, rows) {
		t.Fatalf("bounds %v", img.Bounds())
	}
	want := rows * (8399737.89 - 5621521.49) / (8399737.89 - 2273030.93)
	for y := range rows {
		echo := img.ColorIndexAt(1, y) != clearIndex
		if near := math.Abs(float64(y)+0.5-want) < 2; echo && !near {
			t.Errorf("echo in row %d, want it near %.1f", y, want)
		}
		if echo != (img.ColorIndexAt(1, y) == 2+7) || img.ColorIndexAt(0, y) != clearIndex {
			t.Errorf("row %d: %v", y, img.Pix[3*y:3*y+3])
		}
	}
	if !bytes.Contains(img.Pix, []byte{2 + 7}) {
		t.Error("no echo")
	}
}

func TestMercatorKeepsEdges(t *testing.T) {
	for _, d := range []grid.Domain{
		grid.Centred("plano", 33, -97, 1121, 1121, 250),
		grid.Centred("south", -60, 10, 300, 200, 1000),
		grid.Centred("one", 0, 0, 1, 1, 1000),
	} {
		rows := mercatorRows(d)
		if rows[0] != 0 || rows[d.Rows-1] != d.Rows-1 {
			t.Errorf("%s: rows from %d to %d, want 0 to %d", d.Name, rows[0], rows[d.Rows-1], d.Rows-1)
		}
		for i := 1; i < len(rows); i++ {
			if rows[i] < rows[i-1] {
				t.Errorf("%s: row %d shows %d after %d", d.Name, i, rows[i], rows[i-1])
			}
		}
	}
}

func TestRefused(t *testing.T) {
	d := grid.Centred("dfw", 33, -97, 4, 6, 250)
	polar := grid.Domain{Name: "polar", Rows: 4, Cols: 6, NorthDeg: 90, WestDeg: 0, LatSpacingDeg: 1, LonSpacingDeg: 1}
	for _, c := range []struct {
		name   string
		domain grid.Domain
		rows   int
		p      Palette
		want   string
	}{
		{"other size", d, 5, Reflectivity(), `domain "dfw": the field has 5×6 cells, want the domain's 4×6`},
		{"pole", polar, 4, Reflectivity(), "Web Mercator ends"},
		{"no steps", d, 4, Palette{}, "0 steps"},
		{"too many steps", d, 4, Palette{Steps: make([]Step, 255)}, "255 steps"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Encode(io.Discard, grid.NewField(c.rows, 6), c.domain, c.p)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriterFails(t *testing.T) {
	if err := EncodeGrid(full{}, grid.NewField(300, 300), Reflectivity()); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
}

// BenchmarkEncode draws a domain with a disc of coverage and a band of storms.
func BenchmarkEncode(b *testing.B) {
	const size = 1121
	d := grid.Centred("bench", 33, -97, size, size, 250)
	f := grid.NewField(size, size)
	for r := range size {
		for c := range size {
			if math.Hypot(float64(r-560), float64(c-560)) > 500 {
				continue
			}
			band := math.Exp(-math.Pow(float64(r-c)/90, 2))
			f.Row(r)[c] = float32(band * (35 + 25*math.Sin(float64(r)/9)*math.Sin(float64(c)/13)))
		}
	}
	b.ReportAllocs()
	written := 0
	for b.Loop() {
		var out bytes.Buffer
		if err := Encode(&out, f, d, Reflectivity()); err != nil {
			b.Fatal(err)
		}
		written = out.Len()
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/picture")
	b.ReportMetric(float64(written), "bytes/picture")
}
