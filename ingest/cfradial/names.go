package cfradial

import (
	"slices"
	"strings"

	"bowecho/internal/radar"
)

// naming is what a variable is called in a scan, and in which units.
type naming struct{ name, units string }

// moment is one of the field's moments: its units, what variables that hold it are called, in lower case and the best
// first (as measured before corrected), and its standard name.
type moment struct {
	name, units string
	variables   []string
	standard    string
}

// moments are named as in the files of LROSE, Py-ART, ARM and MeteoSwiss.
var moments = []moment{
	{radar.DBZH, "dBZ", []string{
		"dbzh", "ref", "dbz", "dbzhc", "dbz_h", "zh", "reflectivity", "reflectivity_horizontal", "reflectivity_h", "reflectivity_hh",
		"equivalent_reflectivity_factor", "uncorrected_reflectivity", "corrected_reflectivity", "corrected_reflectivity_horizontal",
		"attenuation_corrected_reflectivity_h",
	}, "equivalent_reflectivity_factor"},
	{radar.VRADH, "m/s", []string{
		"vradh", "vel", "vr", "vrad", "velh", "velocity", "mean_doppler_velocity", "mean_doppler_velocity_h", "radial_velocity",
		"doppler_velocity", "corrected_velocity",
	}, "radial_velocity_of_scatterers_away_from_instrument"},
	{radar.WRADH, "m/s", []string{"wradh", "sw", "width", "wrad", "spectrum_width", "doppler_spectrum_width", "spectral_width", "spectral_width_h"}, "doppler_spectrum_width"},
	{radar.ZDR, "dB", []string{"zdr", "zdrc", "zdrm", "differential_reflectivity", "corrected_differential_reflectivity"}, "log_differential_reflectivity_hv"},
	{radar.PHIDP, "degrees", []string{"phidp", "phi", "differential_phase", "uncorrected_differential_phase", "corrected_differential_phase"}, "differential_phase_hv"},
	{radar.RHOHV, "1", []string{
		"rhohv", "rho", "cross_correlation_ratio", "copol_correlation_coeff", "copolar_correlation_coefficient",
		"uncorrected_cross_correlation_ratio", "cross_correlation_ratio_hv",
	}, "cross_correlation_ratio_hv"},
	{radar.KDP, "degrees/km", []string{"kdp", "specific_differential_phase", "corrected_specific_differential_phase"}, "specific_differential_phase_hv"},
	{radar.SNRH, "dB", []string{"snrh", "snr", "snrhc", "signal_to_noise_ratio", "signal_to_noise_ratio_copolar_h"}, "signal_to_noise_ratio"},
	{radar.NCP, "1", []string{"ncp", "normalized_coherent_power"}, "normalized_coherent_power"},
}

// named gives each variable the field's name where that is certain: the best of those called so, else the only one with
// the standard name. All others keep the name and the units that the file gives.
func named(f file, variables []string) map[string]naming {
	as := map[string]naming{}
	for _, v := range variables {
		as[v] = naming{v, f.text(v, "units")}
	}
	for _, m := range moments {
		best, rank := "", len(m.variables)
		var standard []string
		for _, v := range variables {
			if r := slices.Index(m.variables, strings.ToLower(v)); r >= 0 && r < rank {
				best, rank = v, r
			}
			if strings.EqualFold(f.text(v, "standard_name"), m.standard) {
				standard = append(standard, v)
			}
		}
		if best == "" && len(standard) == 1 {
			best = standard[0]
		}
		if taken := slices.Contains(variables, m.name) && best != m.name; best != "" && !taken {
			as[best] = naming{m.name, m.units}
		}
	}
	return as
}
