// Package picture draws a field as a PNG whose colours are the palette's and whose clear parts are transparent.
package picture

import (
	"bufio"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"sync"

	"bowecho/internal/grid"
)

// mercatorEndDeg is the latitude at which the square of Web Mercator ends.
const mercatorEndDeg = 85.0511287798066

// Encode draws a field in Web Mercator (EPSG:3857), as wide and high in pixels as the domain in cells. On a map it
// lies between the domain's outer edges: north, south, west, east.
func Encode(w io.Writer, f *grid.Field, d grid.Domain, p Palette) error {
	if f.Rows != d.Rows || f.Cols != d.Cols {
		return fmt.Errorf("draw domain %q: the field has %d×%d cells, want the domain's %d×%d", d.Name, f.Rows, f.Cols, d.Rows, d.Cols)
	}
	if d.NorthDeg > mercatorEndDeg || d.SouthDeg() < -mercatorEndDeg {
		return fmt.Errorf("draw domain %q: it reaches from %g°N to %g°N, but Web Mercator ends at ±%.2f°; draw it as a grid instead",
			d.Name, d.SouthDeg(), d.NorthDeg, mercatorEndDeg)
	}
	return draw(w, f, p, mercatorRows(d))
}

// EncodeGrid draws a field as it lies: a pixel a cell, the first row at the top.
func EncodeGrid(w io.Writer, f *grid.Field, p Palette) error {
	rows := make([]int, f.Rows)
	for i := range rows {
		rows[i] = i
	}
	return draw(w, f, p, rows)
}

// mercatorRows gives for each row of pixels, equally spaced in Web Mercator, the row of cells at its middle.
func mercatorRows(d grid.Domain) []int {
	north, south := mercator(d.NorthDeg), mercator(d.SouthDeg())
	rows := make([]int, d.Rows)
	for i := range rows {
		y := north + (south-north)*(float64(i)+0.5)/float64(d.Rows)
		latDeg := math.Atan(math.Sinh(y)) * 180 / math.Pi
		row, _ := d.Cell(latDeg, d.WestDeg)
		rows[i] = min(max(int(math.Round(row)), 0), d.Rows-1)
	}
	return rows
}

// mercator gives the northing of a latitude in radii of the earth.
func mercator(latDeg float64) float64 { return math.Asinh(math.Tan(latDeg * math.Pi / 180)) }

// draw writes the given rows of a field from top to bottom.
func draw(w io.Writer, f *grid.Field, p Palette, rows []int) error {
	if len(p.Steps) == 0 || len(p.Steps) > maxSteps {
		return fmt.Errorf("draw: the palette has %d steps, want 1 to %d", len(p.Steps), maxSteps)
	}
	img := image.NewPaletted(image.Rect(0, 0, f.Cols, len(rows)), p.colours())
	for y, row := range rows {
		pixels := img.Pix[y*img.Stride : (y+1)*img.Stride]
		if y > 0 && rows[y-1] == row {
			copy(pixels, img.Pix[(y-1)*img.Stride:])
			continue
		}
		p.paint(pixels, f.Row(row))
	}
	out := bufio.NewWriterSize(w, 64<<10)
	encoder := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: &buffers}
	if err := encoder.Encode(out, img); err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	return out.Flush()
}

// buffers lets one picture's compressor serve the next.
var buffers bufferPool

type bufferPool struct{ sync.Pool }

func (b *bufferPool) Get() *png.EncoderBuffer {
	buffer, _ := b.Pool.Get().(*png.EncoderBuffer)
	return buffer
}

func (b *bufferPool) Put(buffer *png.EncoderBuffer) { b.Pool.Put(buffer) }
