package mosaic

import (
	"math"
	"testing"
	"time"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
	"bowecho/processors/motion"
)

// motionOf gives the same motion everywhere, in cells a minute.
func motionOf(d grid.Domain, east, south float32) *motion.Field {
	n := d.Rows * d.Cols
	m := &motion.Field{Rows: d.Rows, Cols: d.Cols, U: make([]float32, n), V: make([]float32, n)}
	for i := range n {
		m.U[i], m.V[i] = east, south
	}
	return m
}

// storm is round, of 60 dBZ, so far from Addison.
func storm(eastKM, northKM float64) func(azimuth, gate int) float32 {
	return func(azimuth, gate int) float32 {
		sin, cos := math.Sincos((float64(azimuth) + 0.5) * math.Pi / 180)
		km := radar.GroundRangeM(float64(gate)*100+50, 2) / 1000
		d := math.Hypot(km*sin-eastKM, km*cos-northKM)
		if v := 60 - 2*d*d; v > 0 {
			return float32(v)
		}
		return radar.BelowThresholdValue
	}
}

// TestOldSweepsAreMoved holds that echo stands where it has come to since it was seen 50 s ago, near the radar and far.
func TestOldSweepsAreMoved(t *testing.T) {
	begin := time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)
	for name, at := range map[string][2]float64{"at the radar": {0.4, -0.3}, "far": {-30, 35}, "near": {5, 2}} {
		scan := sweep(addison, 2, storm(at[0], at[1]))
		scan.Start = begin
		still, err := Make([]*radar.Scan{scan}, dfw, begin.Add(50*time.Second), DefaultConfig(), nil)
		if err != nil {
			t.Fatal(err)
		}
		moved, err := Make([]*radar.Scan{scan}, dfw, begin.Add(50*time.Second), DefaultConfig(), motionOf(dfw, 6, -3.6))
		if err != nil {
			t.Fatal(err)
		}
		lat, lon, n := centroid(still.DBZ, 45)
		lat2, lon2, n2 := centroid(moved.DBZ, 45)
		row, col := dfw.Cell(lat, lon)
		row2, col2 := dfw.Cell(lat2, lon2)
		if math.Abs(col2-col-5) > 0.1 || math.Abs(row2-row+3) > 0.1 || math.Abs(float64(n2-n)) > 0.03*float64(n) {
			t.Errorf("%s: moved by %.2f columns and %.2f rows, %d cells to %d; want 5 and -3, and as many", name, col2-col, row2-row, n, n2)
		}
		if age := moved.AgeS[int(math.Round(row2))*dfw.Cols+int(math.Round(col2))]; age != 50 {
			t.Errorf("%s: %d s old, want 50", name, age)
		}
	}
}

// TestMotionIsSeenBetweenScans has a storm move 1.2 km to the east and 0.6 km to the south in a minute; one of two radars
// looked three minutes before, the other five.
func TestMotionIsSeenBetweenScans(t *testing.T) {
	begin := time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)
	look := func(site radar.Site, minute float64) *radar.Scan {
		scan := sweep(site, 2, storm(-10+1.2*minute, 12-0.6*minute))
		scan.Start = begin.Add(time.Duration(minute * float64(time.Minute)))
		scan.End = scan.Start
		return scan
	}
	other := addison
	other.Name = "other.tx"
	field, err := MotionOf([]*radar.Scan{look(addison, 5), look(other, 6)}, []*radar.Scan{look(addison, 2), look(other, 1)}, dfw, DefaultConfig())
	if err != nil || field == nil {
		t.Fatalf("got %v, %v", field, err)
	}
	seen := 0
	for i, quality := range field.Quality {
		if quality < 0.8 {
			continue
		}
		seen++
		if u, v := float64(field.U[i]), float64(field.V[i]); math.Abs(u-4.8) > 0.5 || math.Abs(v-2.4) > 0.5 {
			t.Fatalf("%.2f columns and %.2f rows a minute, want 4.8 and 2.4", u, v)
		}
	}
	if seen < 1000 {
		t.Errorf("motion is seen in %d cells, want those of the storm", seen)
	}
	if field, err := MotionOf([]*radar.Scan{look(addison, 5)}, nil, dfw, DefaultConfig()); field != nil || err != nil {
		t.Errorf("of one look: %v, %v", field, err)
	}
}

func TestMotionOfAnotherDomainIsRefused(t *testing.T) {
	if _, err := Make(nil, dfw, time.Time{}, DefaultConfig(), &motion.Field{Rows: 1, Cols: 1, U: []float32{0}, V: []float32{0}}); err == nil {
		t.Error("motion of one cell was taken")
	}
}
