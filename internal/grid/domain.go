// Package grid is where products live: a domain says where and how fine, a field holds values on it.
package grid

import (
	"fmt"
	"math"
)

// metresPerDegree is the length of a degree of latitude on a sphere of the earth's mean radius.
const metresPerDegree = 6371000.0 * math.Pi / 180

// Domain is a regular grid in latitude and longitude. Row 0 is the northernmost, column 0 the westernmost.
type Domain struct {
	Name          string  `json:"name"`
	Rows          int     `json:"rows"`
	Cols          int     `json:"cols"`
	NorthDeg      float64 `json:"northDeg"` // outer edge of row 0
	WestDeg       float64 `json:"westDeg"`  // outer edge of column 0
	LatSpacingDeg float64 `json:"latSpacingDeg"`
	LonSpacingDeg float64 `json:"lonSpacingDeg"`
}

// MaxCells bounds a domain, so that a slip in a config or a file cannot ask for all memory there is.
const MaxCells = 64 << 20

// Centred gives a domain of rows × cols cells, each about cellSizeM wide, around a point.
func Centred(name string, latDeg, lonDeg float64, rows, cols int, cellSizeM float64) Domain {
	lat := cellSizeM / metresPerDegree
	lon := lat / math.Cos(latDeg*math.Pi/180)
	return Domain{
		Name: name, Rows: rows, Cols: cols,
		NorthDeg: latDeg + lat*float64(rows)/2, WestDeg: lonDeg - lon*float64(cols)/2,
		LatSpacingDeg: lat, LonSpacingDeg: lon,
	}
}

// Validate tells what is wrong with a domain.
func (d Domain) Validate() error {
	switch {
	case d.Rows < 1 || d.Cols < 1 || d.Rows > MaxCells/d.Cols:
		return fmt.Errorf("domain %q: %d rows × %d columns, want 1 to %d cells", d.Name, d.Rows, d.Cols, MaxCells)
	case !(d.LatSpacingDeg > 0) || !(d.LonSpacingDeg > 0):
		return fmt.Errorf("domain %q: cells of %g° × %g°, want more than 0", d.Name, d.LatSpacingDeg, d.LonSpacingDeg)
	case !(d.NorthDeg <= 90) || !(d.SouthDeg() >= -90) || !(math.Abs(d.WestDeg) <= 180) || !(d.EastDeg()-d.WestDeg <= 360):
		return fmt.Errorf("domain %q: reaches from %g°N %g°E to %g°N %g°E, which is not on the globe",
			d.Name, d.NorthDeg, d.WestDeg, d.SouthDeg(), d.EastDeg())
	}
	return nil
}

// SouthDeg gives the latitude of the southern edge.
func (d Domain) SouthDeg() float64 { return d.NorthDeg - float64(d.Rows)*d.LatSpacingDeg }

// EastDeg gives the longitude of the eastern edge.
func (d Domain) EastDeg() float64 { return d.WestDeg + float64(d.Cols)*d.LonSpacingDeg }

// Position gives the place of a fractional cell index; centres of cells lie at whole numbers.
func (d Domain) Position(row, col float64) (latDeg, lonDeg float64) {
	return d.NorthDeg - (row+0.5)*d.LatSpacingDeg, d.WestDeg + (col+0.5)*d.LonSpacingDeg
}

// Cell gives the fractional cell index of a place: the inverse of Position.
func (d Domain) Cell(latDeg, lonDeg float64) (row, col float64) {
	return (d.NorthDeg-latDeg)/d.LatSpacingDeg - 0.5, (lonDeg-d.WestDeg)/d.LonSpacingDeg - 0.5
}

// CellSizeM gives how wide the cells in the middle are, in metres: the side of a square as large as one.
func (d Domain) CellSizeM() float64 {
	heightKM, widthKM := d.CellKM(d.Rows / 2)
	return 1000 * math.Sqrt(heightKM*widthKM)
}

// CellKM gives the height and width in kilometres of the cells in a row.
func (d Domain) CellKM(row int) (heightKM, widthKM float64) {
	lat, _ := d.Position(float64(row), 0)
	perDegree := metresPerDegree / 1000
	return d.LatSpacingDeg * perDegree, d.LonSpacingDeg * perDegree * math.Cos(lat*math.Pi/180)
}
