package casa

import "bowecho/internal/radar"

// field is how a moment is called in CASA's files, in which units, and what the radars add to it.
type field struct {
	variable string
	moment   string
	units    string // as CASA writes them
}

// fields is every variable that becomes a moment. All of CASA's radars name them alike; which of them a radar has, and
// which are placeholders, differs. GateFlags is Denton's own mark of second-trip echo and clutter.
var fields = []field{
	{"Reflectivity", radar.DBZH, "dBz"},
	{"Velocity", radar.VRADH, "MetersPerSecond"},
	{"SpectralWidth", radar.WRADH, "MetersPerSecond"},
	{"DifferentialReflectivity", radar.ZDR, "dB"},
	{"DifferentialPhase", radar.PHIDP, "Degrees"},
	{"CrossPolCorrelation", radar.RHOHV, "Unitless"},
	{"NormalizedCoherentPower", radar.NCP, "Unitless"},
	{"SignalToNoiseRatio", radar.SNRH, "dB"},
	{"SpecificPhase", radar.KDP, "DegreesPerKm"},
	{"GateFlags", "FLAGS", "Unitless"},
}

// units are the field's own for each moment.
var units = map[string]string{
	radar.DBZH: "dBZ", radar.VRADH: "m/s", radar.WRADH: "m/s", radar.ZDR: "dB", radar.PHIDP: "degrees",
	radar.RHOHV: "1", radar.NCP: "1", radar.SNRH: "dB", radar.KDP: "degrees/km", "FLAGS": "1",
}

// missingBelow parts measurements from missing values. Addison and Denton write -99900 where there is none, Cleburne
// -9999, and Addison's coherent power -999; no moment of any radar reaches so low.
const missingBelow = -900

// beamWidths are the two spellings in use: most radars write the first, those of EEC the second.
var beamWidths = []string{"AntennaBeamwidth", "AntennaBeamWidth"}
