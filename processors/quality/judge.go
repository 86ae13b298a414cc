package quality

import "math"

// What the ground sends back stands still (m/s) and shows two of these: its strength jumps from gate to gate (dB), the
// polarizations do not go together, and a higher beam does not see it (dB less, where that beam is still below a height
// above the radar, so that shallow weather is not taken for ground). One alone also befalls weather: where the wind blows
// across the beam weather has no velocity, too.
// Source: Hubbert et al. 2009, JTECH 26, 1165-1180 (texture); Steiner and Smith 2002, JTECH 19, 673-686 (height).
const (
	stillMS          = 1.0
	narrowMS         = 2.0
	clutterTextureDB = 5.0
	clutterPhaseDeg  = 25.0
	clutterRhoHV     = 0.85
	vanishDB         = 15.0
	vanishBelowM     = 2500.0
)

// The echo of the pulse before has, with a magnetron, a phase that comes anew with each pulse: little power is coherent
// though the echo is strong enough to have some, or, where that is not given, the width is that of noise and the velocity
// jumps. A strong echo, or one with sound polarizations, is never taken for it.
const (
	incoherentNCP   = 0.2
	incoherentSNRDB = 8.0
	incoherentWidth = 0.45 // of the Nyquist velocity; noise has 1/√3
	incoherentJumps = 0.3  // of the Nyquist velocity; velocities without meaning have 1/√6
	soundRhoHV      = 0.9
)

// Membership of echoes that are not weather. Weather's phase and differential reflectivity are smooth along the ray, those
// of birds, insects, chaff and clutter are not; correlation weighs as much as all textures together.
// Source of the method: Gourley et al. 2007, JTECH 24, 1439-1451; Park et al. 2009, Wea. Forecasting 24, 730-748. Values
// are for differences 250 m apart.
var (
	lowRhoHV = membership{0.93, 0.75, 2}
	roughPhi = membership{12, 35, 1}    // degrees
	roughZDR = membership{1.1, 2.5, .5} // dB
	roughDBZ = membership{4, 9, .5}     // dB
)

// notWeather is the least mean membership of what is not weather.
const notWeather = 0.5

// leastRhoHV is below what wet hail gives at X band: over two kilometres nothing of weather goes lower.
const leastRhoHV = 0.6

// From stormDBZ on an echo is stronger than birds and insects. If it is smooth it is a storm, though its correlation be low
// where hail is in it or the beam is half in rain.
const (
	stormDBZ       = 35.0
	stormPhaseDeg  = 25.0
	stormTextureDB = 5.0
)

// membership is 0 up to none and 1 from full on.
type membership struct{ none, full, weight float32 }

// of gives the weighted membership, and the weight: none of either where the value is unknown.
func (m membership) of(value float32) (share, weight float32) {
	if value != value {
		return 0, 0
	}
	return m.weight * min(1, max(0, (value-m.none)/(m.full-m.none))), m.weight
}

// inDoubt tells whether a coherent echo may be other than weather. Textures alone cannot outweigh a sound correlation.
func (e *evidence) inDoubt(g int) bool {
	return e.rho != nil && e.rho[g] < lowRhoHV.none || e.isStill(g)
}

// judge gives what an echo in doubt is.
func (e *evidence) judge(g int) Code {
	switch {
	case e.isStill(g) && e.isGround(g):
		return Clutter
	case e.hasNoCoherence(g) && e.velocityJumps(g):
		return SecondTrip
	case e.isNotWeather(g):
		return LowCorrelation
	default:
		return Weather
	}
}

func (e *evidence) isStill(g int) bool {
	return e.speed != nil && math.Abs(float64(e.speed[g])) < stillMS && (e.width == nil || !(e.width[g] > narrowMS))
}

func (e *evidence) isGround(g int) bool {
	signs := 0
	if e.zTexture[g] > clutterTextureDB {
		signs++
	}
	if e.phiTexture != nil && e.phiTexture[g] > clutterPhaseDeg || e.rho != nil && e.rho[g] < clutterRhoHV {
		signs++
	}
	if e.above != nil && g < e.lowGates && e.above[g] < e.z[g]-vanishDB {
		signs++
	}
	return signs >= 2
}

func (e *evidence) hasNoCoherence(g int) bool {
	switch {
	case e.z[g] >= stormDBZ || e.rho != nil && e.rho[g] > soundRhoHV || e.snr != nil && e.snr[g] < incoherentSNRDB:
		return false
	case e.ncp != nil:
		return e.ncp[g] < incoherentNCP && e.snr != nil
	default:
		return e.speedTexture != nil && e.width[g] > incoherentWidth*e.view.nyquist
	}
}

func (e *evidence) velocityJumps(g int) bool {
	return e.speedTexture == nil || e.speedTexture[g] > incoherentJumps*e.view.nyquist
}

func (e *evidence) isNotWeather(g int) bool {
	if e.rho == nil || !(e.rho[g] < lowRhoHV.none) {
		return false
	}
	if e.rho[g] < leastRhoHV {
		return true
	}
	smooth := e.zTexture[g] < stormTextureDB && (e.phiTexture == nil || !(e.phiTexture[g] > stormPhaseDeg))
	if e.z[g] >= stormDBZ && smooth {
		return false
	}
	sum, weights := lowRhoHV.of(e.rho[g])
	s, w := roughDBZ.of(e.zTexture[g])
	sum, weights = sum+s, weights+w
	if e.phiTexture != nil {
		s, w = roughPhi.of(e.phiTexture[g])
		sum, weights = sum+s, weights+w
	}
	if e.zdrTexture != nil {
		s, w = roughZDR.of(e.zdrTexture[g])
		sum, weights = sum+s, weights+w
	}
	return sum > notWeather*weights
}
