package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"bowecho/internal/racing"
)

// smallConfig gives a config with a coarse domain over the simulated radars, so that tests need little time.
func smallConfig(t *testing.T, more ...string) string {
	t.Helper()
	text := "domains:\n  - {name: small, center: [-97, 32.65], rows: 120, cols: 120, cell_size_m: 2000}\n"
	for _, m := range more {
		text += m
	}
	return writeFile(t, t.TempDir(), "bowecho.yaml", []byte(text))
}

// simulatedMinutes is how much of the simulated storm there is for tests.
const simulatedMinutes = 12

// storedStorm holds the files of the simulated storm, once a test has asked for them.
var storedStorm struct {
	sync.Mutex
	dir string
}

// simulatedFiles puts the first minutes of the simulated storm into a directory and gives how many files that are.
func simulatedFiles(t *testing.T, dir string, minutes int) (n int) {
	t.Helper()
	if minutes > simulatedMinutes {
		t.Fatalf("%d minutes of the storm, and there are %d", minutes, simulatedMinutes)
	}
	storedStorm.Lock()
	defer storedStorm.Unlock()
	if storedStorm.dir == "" {
		made, err := os.MkdirTemp("", "bowecho-storm-")
		if err != nil {
			t.Fatal(err)
		}
		run(t, "simulate", "--out", made, "--minutes", strconv.Itoa(simulatedMinutes), "--start", "2026-05-01T18:00:00Z")
		storedStorm.dir = made
	}
	names, err := filepath.Glob(filepath.Join(storedStorm.dir, "*.netcdf*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if clockOf(name) < fmt.Sprintf("20260501-18%02d", minutes) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, dir, filepath.Base(name), data)
			n++
		}
	}
	if n < 2*minutes {
		t.Fatalf("%d minutes gave %d files", minutes, n)
	}
	return n
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
	reasons := map[string]string{
		"truncated" + at: "truncated", "empty" + at: "empty", "text" + at: "NetCDF", "blind" + at: "eflectivity",
	}
	if !racing.Detector { // which takes the better part of a minute for so much memory
		writeFile(t, dir, "bomb"+at+".gz", bomb(t))
		reasons["bomb"+at+".gz"] = "256 MiB"
	}
	return reasons
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

// bomb gives less than a megabyte that inflates to 512: one member after the other, all but the first alike.
func bomb(t *testing.T) []byte {
	t.Helper()
	member := func(content []byte) []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	zeros := make([]byte, 1<<20)
	rest := bytes.Repeat(member(zeros), 511)
	copy(zeros, "CDF\x01")
	return append(member(zeros), rest...)
}
