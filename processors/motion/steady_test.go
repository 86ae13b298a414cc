package motion

import (
	"math"
	"testing"

	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/internal/racing"
	"bowecho/internal/realdata"
)

// mostTurnMPerS bounds how much motion changes from one frame of a real storm to the next, where it is seen in both.
const mostTurnMPerS = 4

// TestRealMotionIsSteady goes through frames of real storms as they come, on grids of 250 m to 1 km and 1 to 5 minutes.
func TestRealMotionIsSteady(t *testing.T) {
	racing.Skip(t, "the figures are numbers")
	for _, name := range []string{"casa_addison20170329", "mch20150515", "fmi20160928", "mrms20190610"} {
		file, err := ncfile.Read(realdata.Path(t, "data", "sequences", name+".nc"), 19)
		if err != nil {
			t.Fatal(err)
		}
		var frames []*grid.Field
		var minutes []float64
		var last *Field
		compared := 0
		for n, lead := range file.Grid.Leads {
			frames, minutes = append(frames, lead.Field), append(minutes, lead.Minutes)
			if n < 13 {
				continue
			}
			m, err := Estimate(frames, minutes, file.CellSizeM, DefaultConfig())
			if err != nil {
				t.Fatal(err)
			}
			if last != nil {
				turn, speed := turned(last, m)
				turn, speed = turn*file.CellSizeM/60, speed*file.CellSizeM/60
				t.Logf("%s at %.0f min: %.1f m/s, which changed by %.1f", name, lead.Minutes, speed, turn)
				if !(turn <= mostTurnMPerS) {
					t.Errorf("%s at %.0f min: motion changed by %.1f m/s, want %d at most", name, lead.Minutes, turn, mostTurnMPerS)
				}
				compared++
			}
			last = m
		}
		if compared < 5 {
			t.Errorf("%s: %d frames compared with the one before, too few to tell", name, compared)
		}
	}
}

// turned gives, in root mean square over cells whose motion was seen twice, weighed by how well, the change and the speed, in
// cells a minute.
func turned(was, is *Field) (change, speed float64) {
	const wellSeen = 0.3
	var sum, changes, speeds float64
	for i, q := range is.Quality {
		if q = min(q, was.Quality[i]); q < wellSeen {
			continue
		}
		du, dv := is.U[i]-was.U[i], is.V[i]-was.V[i]
		sum += float64(q)
		changes += float64(q * (du*du + dv*dv))
		speeds += float64(q * (is.U[i]*is.U[i] + is.V[i]*is.V[i]))
	}
	return math.Sqrt(changes / sum), math.Sqrt(speeds / sum)
}
