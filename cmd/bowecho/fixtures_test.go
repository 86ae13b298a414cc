package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// smallConfig gives a config with a coarse domain over the simulated radars, so that tests need little time.
func smallConfig(t *testing.T, more ...string) string {
	t.Helper()
	text := "domains:\n  - {name: small, center: [-97, 32.65], rows: 240, cols: 240, cell_size_m: 1000}\n"
	for _, m := range more {
		text += m
	}
	return writeFile(t, t.TempDir(), "bowecho.yaml", []byte(text))
}

// simulatedFiles writes minutes of the simulated storm to a directory and gives how many files that are.
func simulatedFiles(t *testing.T, dir string, minutes int) int {
	t.Helper()
	run(t, "simulate", "--out", dir, "--minutes", strconv.Itoa(minutes), "--start", "2026-05-01T18:00:00Z")
	names, err := filepath.Glob(filepath.Join(dir, "*.netcdf*"))
	if err != nil || len(names) < 2*minutes {
		t.Fatalf("%d minutes gave %d files: %v", minutes, len(names), err)
	}
	return len(names)
}

// brokenFiles adds one file of each kind that goes wrong, and one good file twice. It gives a word of the reason that
// each must be set aside with.
func brokenFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.netcdf*"))
	if err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	plain := inflated(t, good)
	writeFile(t, dir, "again-20260501-180000.netcdf", plain)
	const at = "-20260501-180101.netcdf"
	writeFile(t, dir, "truncated"+at, plain[:len(plain)*2/3])
	writeFile(t, dir, "empty"+at, nil)
	writeFile(t, dir, "text"+at, []byte("Dear operator, the radar is down for maintenance.\n"))
	writeFile(t, dir, "blind"+at, bytes.ReplaceAll(plain, []byte("Reflectivity"), []byte("Reflectibity")))
	writeFile(t, dir, "bomb"+at+".gz", bomb(t))
	return map[string]string{
		"truncated" + at: "truncated", "empty" + at: "empty", "text" + at: "NetCDF",
		"blind" + at: "eflectivity", "bomb" + at + ".gz": "256 MiB",
	}
}

// inflated gives the content of a file that may be compressed.
func inflated(t *testing.T, data []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return data
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(reader); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bomb gives less than a megabyte that inflates to 512.
func bomb(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	zeros := make([]byte, 1<<20)
	copy(zeros, "CDF\x01")
	for range 512 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
		zeros[0], zeros[1], zeros[2], zeros[3] = 0, 0, 0, 0
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
