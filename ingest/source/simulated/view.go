package simulated

import (
	"math"
	"math/rand/v2"

	"bowecho/internal/radar"
)

// view gathers the moments of a sweep, ray by ray.
type view struct {
	now                    *scene
	random                 *rand.Rand
	x, y                   float64 // of the radar, km
	z, v, w, zdr, rho, snr []float32
	ground, height         [gates]float64 // km along the ground, km above the sea
	spread                 [gates]float64 // dB by which range weakens an echo against the noise
	ahead                  []span         // of the ray
	here                   []*alive       // at the gate
}

// span is the part of a ray that a cell may reach, in kilometres along the ground.
type span struct {
	from, to float64
	cell     *alive
}

func newView(now *scene, site radar.Site, random *rand.Rand) *view {
	v := &view{now: now, random: random}
	for _, m := range []*[]float32{&v.z, &v.v, &v.w, &v.zdr, &v.rho, &v.snr} {
		*m = make([]float32, 0, rays*gates)
	}
	for g := range gates {
		slant := (float64(g) + 0.5) * spacingM
		v.ground[g] = radar.GroundRangeM(slant, elevationDeg) / 1000
		v.height[g] = (site.HeightM + radar.AboveRadarM(slant, elevationDeg)) / 1000
		v.spread[g] = 20 * math.Log10(slant/1000/noiseAtKM)
	}
	return v
}

func (v *view) moments() []radar.Moment {
	geometry := radar.Gates{Count: gates, OffsetM: spacingM / 2, SpacingM: spacingM}
	return []radar.Moment{
		{Name: radar.DBZH, Units: "dBZ", Gates: geometry, Values: v.z}, {Name: radar.VRADH, Units: "m/s", Gates: geometry, Values: v.v},
		{Name: radar.WRADH, Units: "m/s", Gates: geometry, Values: v.w}, {Name: radar.ZDR, Units: "dB", Gates: geometry, Values: v.zdr},
		{Name: radar.RHOHV, Units: "1", Gates: geometry, Values: v.rho}, {Name: radar.SNRH, Units: "dB", Gates: geometry, Values: v.snr},
	}
}

func (v *view) add(z, velocity, w, zdr, rho, snr float64) {
	v.z, v.v, v.w = append(v.z, float32(z)), append(v.v, float32(velocity)), append(v.w, float32(w))
	v.zdr, v.rho, v.snr = append(v.zdr, float32(zdr)), append(v.rho, float32(rho)), append(v.snr, float32(snr))
}

// nothing adds a gate without echo. CASA's files know only one kind of missing.
func (v *view) nothing() {
	nan := math.NaN()
	v.add(nan, nan, nan, nan, nan, nan)
}

func (v *view) clutter() {
	r := v.random
	v.add(25+25*r.Float64(), 0.3*r.NormFloat64(), 0.5, 2*r.NormFloat64(), 0.3+0.4*r.Float64(), 40)
}

// rain adds a gate of rain, or of hail where the truth is strong: tumbling hail looks round, and unlike itself from
// pulse to pulse. The velocity is folded.
func (v *view) rain(truth, seen, velocity, snr float64) {
	r := v.random
	hail := min(1, max(0, (truth-50)/5))
	zdr := (1-hail)*max(0, 0.06*(truth-18)) + hail*0.2
	rho := 0.985 - 0.07*hail
	v.add(math.Round(seen*2)/2, math.Remainder(velocity+0.7*r.NormFloat64(), 2*nyquistMS), 1.5+math.Abs(r.NormFloat64()),
		zdr+0.15*r.NormFloat64(), min(1, rho+0.006*r.NormFloat64()), snr)
}
