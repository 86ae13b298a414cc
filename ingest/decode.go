package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"bowecho/ingest/casa"
	"bowecho/ingest/cfradial"
	"bowecho/ingest/classic"
	"bowecho/ingest/gzipped"
	"bowecho/ingest/hdf5"
	"bowecho/ingest/level2"
	"bowecho/ingest/source"
	"bowecho/internal/radar"
)

// Decode reads a radar file of any format that is known, and knows it by its content. The scan has values.
func Decode(name string, data []byte) (*radar.Scan, error) {
	scan, err := decode(name, data)
	if err == nil {
		scan.Expand()
	}
	return scan, err
}

// decode gives moments as codes where the format has such.
func decode(name string, data []byte) (*radar.Scan, error) {
	if level2.IsLevel2(data) {
		return level2.Decode(name, data)
	}
	if gzipped.Is(data) {
		content, err := gzipped.Inflate(data, source.MaxBytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
		data = content
	}
	switch {
	case hdf5.Is(data):
		return decodeApart(name, data)
	case cfradial.IsClassic(data):
		return cfradial.Decode(name, data)
	}
	scan, err := casa.Decode(name, data)
	if errors.Is(err, classic.ErrNotClassic) {
		return nil, fmt.Errorf("%w; known are NEXRAD Level II, CASA and CfRadial NetCDF, and ODIM_H5", err)
	}
	return scan, err
}

// DecodeFolder reads the parts of a Level II volume that lie in a folder. The scan has values.
func DecodeFolder(dir string) (*radar.Scan, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var parts []level2.Part
	for _, entry := range entries {
		if !level2.IsChunk(entry.Name()) {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		data, err := read(context.Background(), source.File{Name: path, Path: path})
		if err != nil {
			return nil, err
		}
		parts = append(parts, level2.Part{Name: path, Data: data})
	}
	scan, err := level2.DecodeParts(parts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	scan.Expand()
	return scan, nil
}
