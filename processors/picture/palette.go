package picture

import (
	"fmt"
	"image/color"
)

// Palette says which colour a value has. Steps rise; a value has the colour of the last step that it reaches. Below
// the first step a picture is transparent, and where nothing was observed it has a veil, since no data is never clear.
type Palette struct {
	Units      string
	Steps      []Step
	Unobserved color.NRGBA
}

// Step is a colour and the least value that has it.
type Step struct {
	From   float32
	Colour color.NRGBA
}

// maxSteps leaves room in a PNG's 256 colours for nothing and for the veil.
const maxSteps = 254

// The first two entries of a picture's colour table.
const (
	clearIndex = iota
	veilIndex
	firstStep
)

// Reflectivity gives the colours of reflectivity in dBZ: grey-blue drizzle, greens, yellow at 35, orange, red at 50,
// magenta and white for hail, as forecasters know them.
func Reflectivity() Palette {
	const echo = 215 // slightly translucent, so that roads and names stay readable
	step := func(from float32, r, g, b, alpha uint8) Step { return Step{from, color.NRGBA{r, g, b, alpha}} }
	return Palette{
		Units:      "dBZ",
		Unobserved: color.NRGBA{128, 128, 136, 46},
		Steps: []Step{
			step(5, 150, 172, 190, 110), step(10, 104, 150, 200, 165), step(15, 52, 120, 214, echo),
			step(20, 48, 200, 84, echo), step(25, 20, 160, 58, echo), step(30, 8, 116, 40, echo),
			step(35, 250, 226, 62, echo), step(40, 234, 176, 22, echo), step(45, 250, 126, 20, echo),
			step(50, 230, 38, 34, echo), step(55, 178, 14, 30, echo), step(60, 228, 46, 210, echo),
			step(65, 146, 70, 208, echo), step(70, 244, 240, 250, echo),
		},
	}
}

// Chance gives the colours of probabilities in percent: pale blue to violet and red, which reflectivity has not. Less than
// one in twenty is not shown.
func Chance() Palette {
	const likely = 215
	step := func(from float32, r, g, b, alpha uint8) Step { return Step{from, color.NRGBA{r, g, b, alpha}} }
	return Palette{
		Units:      "%",
		Unobserved: color.NRGBA{128, 128, 136, 46},
		Steps: []Step{
			step(5, 186, 216, 236, 105), step(10, 146, 196, 230, 145), step(20, 100, 168, 222, 185), step(30, 64, 134, 206, likely),
			step(40, 58, 98, 190, likely), step(50, 84, 70, 180, likely), step(60, 118, 54, 174, likely), step(70, 152, 42, 158, likely),
			step(80, 188, 40, 130, likely), step(90, 226, 62, 104, likely),
		},
	}
}

// For gives the colours of what is measured in a unit.
func For(units string) (Palette, error) {
	for _, p := range []Palette{Reflectivity(), Chance()} {
		if p.Units == units {
			return p, nil
		}
	}
	return Palette{}, fmt.Errorf("there are no colours for values in %q, only for dBZ and %%", units)
}

// Entry is a step of a legend.
type Entry struct {
	Value  float64 `json:"value"`
	Colour string  `json:"colour"` // as CSS: #rrggbbaa
}

// Legend gives the steps from the least to the greatest, and last the colour of what was not observed.
func (p Palette) Legend() (steps []Entry, unobserved string) {
	for _, s := range p.Steps {
		steps = append(steps, Entry{float64(s.From), css(s.Colour)})
	}
	return steps, css(p.Unobserved)
}

func css(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x%02x", c.R, c.G, c.B, c.A) }

// colours gives the colour table of a picture.
func (p Palette) colours() color.Palette {
	table := color.Palette{clearIndex: color.NRGBA{}, veilIndex: p.Unobserved}
	for _, s := range p.Steps {
		table = append(table, s.Colour)
	}
	return table
}

// paint sets the pixels of a row of values.
func (p Palette) paint(pixels []uint8, values []float32) {
	least := p.Steps[0].From
	for i, v := range values {
		switch {
		case v < least: // pixels are clear already
		case v >= least:
			pixels[i] = p.index(v)
		default:
			pixels[i] = veilIndex
		}
	}
}

// index gives the entry of the colour table for a value that reaches the first step.
func (p Palette) index(v float32) uint8 {
	n := len(p.Steps)
	for v < p.Steps[n-1].From {
		n--
	}
	return uint8(firstStep + n - 1)
}
