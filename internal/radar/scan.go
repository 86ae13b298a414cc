// Package radar is what a weather radar saw: scans, sweeps, moments, and where a beam goes.
package radar

import (
	"math"
	"time"
)

// The field's names of the moments, as in CfRadial 2 and ODIM.
const (
	DBZH  = "DBZH"  // reflectivity, dBZ
	VRADH = "VRADH" // radial velocity, m/s, away from the radar positive
	WRADH = "WRADH" // spectrum width, m/s
	ZDR   = "ZDR"   // differential reflectivity, dB
	PHIDP = "PHIDP" // differential phase, degrees
	RHOHV = "RHOHV" // co-polar correlation, 0 to 1
	KDP   = "KDP"   // specific differential phase, degrees/km
	SNRH  = "SNRH"  // signal-to-noise ratio, dB
	NCP   = "NCP"   // normalized coherent power, 0 to 1
	CFP   = "CFP"   // power that the clutter filter took away, dB
	QIND  = "QIND"  // quality index, 0 to 1
)

// Site is a radar and where its antenna stands. HeightM is above sea level.
type Site struct {
	Name         string
	LatitudeDeg  float64
	LongitudeDeg float64
	HeightM      float64
}

// Scan is one file's worth of sweeps of one radar. A published scan is read-only.
type Scan struct {
	Site         Site
	Format       string // "casa", "level2", …
	Start, End   time.Time
	Pattern      int `json:",omitempty"` // volume coverage pattern; 0 where there is none
	BeamWidthDeg float64
	Flaws        []string `json:",omitempty"` // what of the file could not be used, in words
	Sweeps       []Sweep
}

// Sweep is one turn of the antenna at one elevation, or one nod of it at one azimuth.
type Sweep struct {
	Start        time.Time `json:",omitzero"`  // of its first ray; zero where the sweep is the whole scan
	Vertical     bool      `json:",omitempty"` // a range-height cut: the antenna held its azimuth
	ElevationDeg float64   // of the sweep: the mean of its rays; of a vertical one the azimuth that it held
	NyquistMS    float64   // 0 where the file does not say
	Rays         []Ray
	Moments      []Moment
}

// Ray is where the antenna looked, at the ray's centre.
type Ray struct {
	AzimuthDeg   float32
	ElevationDeg float32
}

// Gates says where along the ray the values of a moment lie.
type Gates struct {
	Count    int
	FirstM   float64 // range to the first gate, as the file gives it
	OffsetM  float64 // from there to the gate's centre: 0 where the format gives centres
	SpacingM float64
}

// CentreM gives the range in metres to the centre of gate i.
func (g Gates) CentreM(i int) float64 {
	return g.FirstM + g.OffsetM + float64(i)*g.SpacingM
}

// Moment holds one measured quantity for each gate of each ray: Values[ray*Gates.Count+gate].
// A value that is not a measurement says why it is not: see StatusOf.
// What is only passed on holds Codes instead, in the steps of Coding: Expand makes them values.
type Moment struct {
	Name   string
	Units  string
	Gates  Gates
	Coding Coding `json:",omitzero"`
	Codes  []byte `json:"-"` // a plane of their low bytes and, unless all are below 256, one of their high bytes
	Values []float32
}

// Ray gives the values of one ray, sharing memory.
func (m *Moment) Ray(i int) []float32 {
	return m.Values[i*m.Gates.Count : (i+1)*m.Gates.Count]
}

// ReachM gives the range in metres to the end of the last gate.
func (g Gates) ReachM() float64 { return g.CentreM(g.Count-1) + g.SpacingM/2 }

// alignedWith tells whether gates lie where others do, though they be fewer or more.
func (g Gates) alignedWith(other Gates) bool {
	return g.Count > 0 && g.CentreM(0) == other.CentreM(0) && g.SpacingM == other.SpacingM
}

// ValuesOn gives the moment's values on the gates of another of its sweep: no data beyond its own, and nothing where its
// gates lie elsewhere or it is missing.
func (m *Moment) ValuesOn(g Gates) []float32 {
	switch {
	case m == nil || !m.Gates.alignedWith(g):
		return nil
	case m.Gates.Count == g.Count:
		return m.Values
	}
	rays := len(m.Values) / m.Gates.Count
	values := make([]float32, rays*g.Count)
	for ray := range rays {
		row := values[ray*g.Count : (ray+1)*g.Count]
		for gate := copy(row, m.Ray(ray)); gate < len(row); gate++ {
			row[gate] = NoDataValue
		}
	}
	return values
}

// splitCut is within what time both halves of a split cut are measured.
const splitCut = 2 * time.Minute

// IsDopplerHalf tells whether a sweep is the second half of a split cut, by how far it and the one before it at the same
// elevation reach. WSR-88Ds look twice at low elevations: first far, for reflectivity and both polarizations, then less
// far, for velocity. The second look's reflectivity does not replace the first's.
func IsDopplerHalf(reachM, beforeM float64, after time.Duration) bool {
	return reachM < 0.9*beforeM && after >= 0 && after < splitCut
}

// Moment gives the sweep's moment of that name, or nil.
func (s *Sweep) Moment(name string) *Moment {
	for i := range s.Moments {
		if s.Moments[i].Name == name {
			return &s.Moments[i]
		}
	}
	return nil
}

// Status is what a gate's value means.
type Status uint8

// A gate holds a measurement, an echo too weak to measure (which is knowledge), an echo of unknown
// range, or nothing at all (which is not).
const (
	Valid Status = iota
	BelowThreshold
	RangeFolded
	NoData
)

// Values of gates that hold no measurement.
var (
	BelowThresholdValue = float32(math.Inf(-1))
	RangeFoldedValue    = float32(math.Inf(1))
	NoDataValue         = float32(math.NaN())
)

// StatusOf tells what a gate's value means.
func StatusOf(v float32) Status {
	switch {
	case v-v == 0: // false for NaN and for both infinities
		return Valid
	case v < 0:
		return BelowThreshold
	case v > 0:
		return RangeFolded
	default:
		return NoData
	}
}
