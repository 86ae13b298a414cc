package storm

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// count counts the cells of a picture: '#' is a gate of 1 km² at or above the threshold.
func count(rows []string, closed bool) int {
	var c Counter
	for _, row := range rows {
		for col, gate := range row {
			if gate == '#' {
				c.Add(col, 1)
			}
		}
		c.End(true)
	}
	return c.Cells(closed)
}

func TestCells(t *testing.T) {
	for name, c := range map[string]struct {
		picture string
		closed  bool
		want    int
	}{
		"nothing":              {"..../....", false, 0},
		"speckle":              {"###./..../.###", false, 0},
		"just enough":          {"##../##..", false, 1},
		"by the corner":        {"##../..##", false, 1},
		"a gap of one":         {"##..../##.###/......", false, 1}, // the right one has 3 km²
		"two":                  {"##.##/##.##", false, 2},
		"joined at the end":    {"#...#/#...#/#...#/#####", false, 1},
		"joined at the start":  {"#####/#...#/#...#/#...#", false, 1},
		"a ring and its core":  {"#######/#.....#/#.###.#/#.###.#/#.....#/#######", false, 2},
		"a comb, its teeth up": {"#.#.#.#.#/#.#.#.#.#/#########", false, 1},
		"across north":         {"##...#/...../...../##...#", true, 1},
		"not across an edge":   {"####/..../####", false, 2},
		"across north by one":  {"####./...../####.", true, 1},
		"corner across north":  {"##..../....../..##..", true, 1},
		"north, too far":       {"##..../##..../....../....../...###/...###", true, 2},
		"one row":              {"####..####", true, 2},
	} {
		if got := count(strings.Split(c.picture, "/"), c.closed); got != c.want {
			t.Errorf("%s: %d cells, want %d", name, got, c.want)
		}
	}
}

func TestRowsThatLieApart(t *testing.T) {
	var c Counter
	for range 2 { // 3 km² on each side of a gap
		for col := range 3 {
			c.Add(col, 1)
		}
		c.End(false)
	}
	if got := c.Cells(false); got != 0 {
		t.Errorf("%d cells, want none: the rows do not lie side by side", got)
	}
}

// flood counts by filling one cell after the other, gate by gate.
func flood(gates [][]float64, closed bool) (cells int) {
	seen := make([][]bool, len(gates))
	for r := range gates {
		seen[r] = make([]bool, len(gates[r]))
	}
	var fill func(r, c int) float64
	fill = func(r, c int) (area float64) {
		if closed {
			r = (r + len(gates)) % len(gates)
		}
		if r < 0 || r >= len(gates) || c < 0 || c >= len(gates[r]) || seen[r][c] || gates[r][c] == 0 {
			return 0
		}
		seen[r][c] = true
		area = gates[r][c]
		for dr := -1; dr <= 1; dr++ {
			for dc := -1; dc <= 1; dc++ {
				area += fill(r+dr, c+dc)
			}
		}
		return area
	}
	for r := range gates {
		for c := range gates[r] {
			if fill(r, c) >= CellAreaKM2 {
				cells++
			}
		}
	}
	return cells
}

func TestAgainstFloodFill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 12).Draw(t, "rows"), rapid.IntRange(1, 12).Draw(t, "cols")
		percent, closed := rapid.IntRange(5, 70).Draw(t, "percent"), rapid.Bool().Draw(t, "closed")
		gates := make([][]float64, rows)
		var c Counter
		for r := range gates {
			gates[r] = make([]float64, cols)
			for col := range gates[r] {
				if rapid.IntRange(0, 99).Draw(t, "gate") < percent {
					gates[r][col] = float64(1 + col/4)
					c.Add(col, gates[r][col])
				}
			}
			c.End(true)
		}
		if got, want := c.Cells(closed), flood(gates, closed); got != want {
			t.Fatalf("%d cells, want %d:\n%v", got, want, gates)
		}
	})
}
