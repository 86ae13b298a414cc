package quality

import "slices"

// Code says what a gate holds, and of an echo that is not weather why it is not.
type Code uint8

// Codes from Weather to PartlyBlocked are weather. Those from FirstGates to Unobserved tell nothing of the weather there;
// with all others the radar looked, and saw none.
const (
	Weather       Code = iota // an echo of weather, as measured
	Restored                  // weather; what rain before it took from the beam has been given back
	Capped                    // weather; more was taken than is given back: at least so strong
	PartlyBlocked             // weather; the share of the beam that the ground took has been given back

	NoEcho         // nothing, or too weak to measure
	Noise          // no stronger than the receiver's own noise
	BadFlag        // the radar's own mark of second-trip echo and clutter
	SunSpike       // a ray of the sun or of another transmitter
	Clutter        // the ground
	SecondTrip     // an echo of the pulse before, without coherence
	LowCorrelation // birds, insects, chaff, smoke or clutter: the two polarizations disagree
	Point          // a single strong gate that recurs, as of wind turbines and masts
	Speckle        // an echo that stands nearly alone

	FirstGates // next to the radar, never usable
	Folded     // an echo of unknown range
	Blocked    // behind the ground
	Unobserved // no data

	codes // how many there are
)

var codeNames = [codes]string{
	"weather", "restored", "capped", "partly blocked", "no echo", "noise", "bad flag", "sun spike", "clutter", "second trip",
	"low correlation", "point", "speckle", "first gates", "range folded", "blocked", "unobserved",
}

// String gives the code in words.
func (c Code) String() string {
	if c < codes {
		return codeNames[c]
	}
	return "unknown"
}

// IsWeather tells whether the gate holds an echo of weather.
func (c Code) IsWeather() bool { return c <= PartlyBlocked }

// IsBlind tells whether the radar can say nothing of the weather there.
func (c Code) IsBlind() bool { return c >= FirstGates }

// Codes of echoes that are not weather, and of weather to which something was given back.
var (
	notWeatherCodes = []Code{Noise, BadFlag, SunSpike, Clutter, SecondTrip, LowCorrelation, Point, Speckle, Folded}
	restoredCodes   = []Code{Restored, Capped, PartlyBlocked}
)

// isEcho tells whether the radar received anything, of whatever.
func (c Code) isEcho() bool { return c.IsWeather() || slices.Contains(notWeatherCodes, c) }
