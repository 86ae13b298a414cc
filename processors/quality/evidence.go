package quality

import "math"

// Of what the ground sends back: it stands still (m/s), its strength jumps from gate to gate (dB), the polarizations do not
// go together, and a higher beam does not see it (dB less, where that beam is still below a height in m, so that low
// weather is not taken for ground). One of the last three alone also befalls weather: where the wind blows across the beam
// its velocity is nothing, too.
// Source: Hubbert et al. 2009, JTECH 26, 1165-1180 (texture, still echo); Steiner and Smith 2002, JTECH 19, 673-686 (height).
const (
	stillMS           = 1.0
	narrowMS          = 2.0
	clutterTextureDB  = 5.0
	clutterPhaseDeg   = 25.0
	vanishDB          = 15.0
	vanishBelowM      = 2500.0
	clutterEvidences  = 2
	clutterLeastRhoHV = 0.85
)

// Echo whose phase comes anew with each pulse: coherent power is little (or, where that is not given, the width is that
// of noise and the velocity jumps), though the echo is strong enough to have some. Weather with sound polarizations is
// never taken for it.
const (
	incoherentNCP    = 0.2
	incoherentSNRDB  = 8.0
	incoherentSpread = 0.45 // of the Nyquist velocity; that of a velocity without meaning is 1/√3
	soundRhoHV       = 0.9
)

// Membership of echoes that are not weather: 0 at the first value, 1 at the second, and the weight. Weather's phase and
// differential reflectivity are smooth along the ray, those of biota, chaff and clutter are not.
// Source of the method: Gourley et al. 2007, JTECH 24, 1439-1451; Park et al. 2009, Wea. Forecasting 24, 730-748. Values
// are for differences 250 m apart, between what weather and other echoes show at S and X band.
var (
	lowRhoHV   = membership{0.93, 0.75, 2}
	roughPhi   = membership{12, 35, 1}
	roughZDR   = membership{1.1, 2.5, 0.5}
	roughDBZ   = membership{4, 9, 0.5}
	notWeather = float32(0.5)
)

// leastRhoHV is below what wet hail gives at X band; nothing of weather goes lower over a kilometre.
const leastRhoHV = 0.6

// stormDBZ is more than birds and insects give. A strong smooth echo is a storm though its correlation be low: hail, or
// a beam half in rain.
const (
	stormDBZ     = 35
	stormPhiDeg  = 25
	stormTexture = 5.0
)

type membership struct{ none, full, weight float32 }

// of gives the weighted membership, and the weight: none of either where the value is unknown.
func (m membership) of(value float32) (share, weight float32) {
	if value != value {
		return 0, 0
	}
	return m.weight * min(1, max(0, (value-m.none)/(m.full-m.none))), m.weight
}

// evidence is what is known along one ray, on the gates of the reflectivity. Rows are nil without their moment.
type evidence struct {
	z                      []float32 // of gates still to be judged; NaN elsewhere
	rho                    []float32 // mean correlation
	zTexture               []float32 // dB
	phiTexture, zdrTexture []float32 // degrees, dB
	speed, width, nyquist  []float32
	speedTexture           []float32 // m/s
	ncp, snr               []float32
	above                  []float32
}

// judge gives what an echo is.
func (e *evidence) judge(g int, nyquist float32, belowHeight bool) Code {
	switch {
	case e.isClutter(g, belowHeight):
		return Clutter
	case e.isIncoherent(g, nyquist):
		return SecondTrip
	case e.isNotWeather(g):
		return LowCorrelation
	default:
		return Weather
	}
}

func (e *evidence) isClutter(g int, belowHeight bool) bool {
	if e.speed == nil || !(abs(e.speed[g]) < stillMS) || e.width != nil && e.width[g] > narrowMS {
		return false
	}
	found := 0
	if e.zTexture[g] > clutterTextureDB {
		found++
	}
	if e.phiTexture != nil && e.phiTexture[g] > clutterPhaseDeg || e.rho != nil && e.rho[g] < clutterLeastRhoHV {
		found++
	}
	if e.above != nil && belowHeight && !(e.above[g] > e.z[g]-vanishDB) && e.above[g] == e.above[g] {
		found++
	}
	return found >= clutterEvidences
}

func (e *evidence) isIncoherent(g int, nyquist float32) bool {
	if e.rho != nil && e.rho[g] > soundRhoHV || e.snr != nil && e.snr[g] < incoherentSNRDB {
		return false
	}
	if e.ncp != nil && valid(e.ncp[g]) {
		return e.ncp[g] < incoherentNCP && e.snr != nil
	}
	return e.speed != nil && e.width != nil && nyquist > 0 &&
		e.width[g] > incoherentSpread*nyquist && e.speedTexture[g] > incoherentSpread*nyquist
}

func (e *evidence) isNotWeather(g int) bool {
	if e.rho == nil || e.rho[g] != e.rho[g] {
		return false
	}
	if e.rho[g] < leastRhoHV {
		return true
	}
	smooth := e.zTexture[g] < stormTexture && (e.phiTexture == nil || !(e.phiTexture[g] > stormPhiDeg))
	if e.z[g] >= stormDBZ && smooth {
		return false
	}
	sum, weights := lowRhoHV.of(e.rho[g])
	add := func(m membership, row []float32) {
		if row != nil {
			s, w := m.of(row[g])
			sum, weights = sum+s, weights+w
		}
	}
	add(roughPhi, e.phiTexture)
	add(roughZDR, e.zdrTexture)
	add(roughDBZ, e.zTexture)
	return sum > notWeather*weights
}

func abs(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }
