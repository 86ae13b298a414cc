// Package cfradial reads and writes CfRadial 1, the radar community's NetCDF form of a volume.
//
// Source: CfRadial Data File Format, version 1.4, NCAR/EOL. Files of LROSE, Py-ART, ARM and MeteoSwiss are known.
package cfradial

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"bowecho/ingest/classic"
	"bowecho/ingest/hdf5"
	"bowecho/internal/radar"
)

// maxGates bounds the values of all moments of a file, maxRays its rays.
const (
	maxGates = 160 << 20
	maxRays  = 1 << 20
)

// IsClassic tells whether bytes are CfRadial in classic NetCDF, which is read without a C library.
func IsClassic(data []byte) bool {
	f, err := classic.Read(data)
	return err == nil && is(classicFile{f})
}

// is tells whether a file calls itself CfRadial, in one of the ways in use, or is made like it.
func is(f file) bool {
	for _, name := range []string{"Conventions", "version", "Sub_conventions"} {
		said := strings.ToLower(f.text(global, name))
		for _, like := range []string{"cf/radial", "cf-radial", "cfradial", "cf radial"} {
			if strings.Contains(said, like) {
				return true
			}
		}
	}
	return f.shape("azimuth") != nil && f.shape("elevation") != nil && f.shape("fixed_angle") != nil
}

// Decode reads a file, classic NetCDF or NetCDF-4, in this process. The HDF5 library under NetCDF-4 may crash it;
// ingest.Decode keeps that apart. Errors name the file and what is wrong with it.
func Decode(name string, data []byte) (scan *radar.Scan, err error) {
	if hdf5.Is(data) {
		err = hdf5.Read(data, func(f *hdf5.File) (err error) {
			scan, err = decode(hdf5File{f})
			return err
		})
	} else {
		var f *classic.File
		if f, err = classic.Read(data); err == nil {
			scan, err = decode(classicFile{f})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	return scan, nil
}

func decode(f file) (*radar.Scan, error) {
	if !is(f) {
		return nil, fmt.Errorf("no radar file of a known kind: Conventions is %q, and there are %v; want CfRadial 1",
			f.text(global, "Conventions"), some(f.names()))
	}
	if slices.ContainsFunc(f.names(), func(n string) bool { return strings.HasPrefix(n, "sweep_0") }) && f.shape("azimuth") == nil {
		return nil, errors.New("a group for each sweep, as in CfRadial 2; want CfRadial 1 (LROSE's RadxConvert converts)")
	}
	v := &volume{file: f, scan: &radar.Scan{Format: "cfradial"}}
	for _, step := range []func() error{v.readRays, v.readSite, v.readGates, v.readSweeps, v.readMoments} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if width := v.first("radar_beam_width_h"); width > 0 {
		v.scan.BeamWidthDeg = width
	}
	return v.scan, nil
}

// some gives the first of many names.
func some(names []string) []string {
	if len(names) > 12 {
		return append(slices.Clone(names[:12]), "…")
	}
	return names
}
