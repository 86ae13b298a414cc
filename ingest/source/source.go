// Package source says what a source of files is, and what they have in common.
package source

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"time"
)

// File is one whole file as a source found it.
type File struct {
	Name     string    // for messages
	Path     string    // where it lies; empty when Data holds it
	Data     []byte    // its bytes, where they do not lie on a disk
	Seen     time.Time // by the wall clock, when it was whole
	Pace     float64   // seconds of data a second of wall clock: 1 live, 0 as fast as it goes
	Identity string    // path, size and time of change, so that a restart need not read it again; empty with Data
}

// Source finds files until ctx ends or, where it has an end, until there are no more: then Run returns nil.
// The function that it hands them to blocks while the system is busy; no file is lost meanwhile, and none is handed over
// after ctx has ended.
type Source interface {
	Run(ctx context.Context, emit func(context.Context, File) error) error
}

// OnDisk gives the file at a path.
func OnDisk(path string, info fs.FileInfo, pace float64) File {
	return File{
		Name: info.Name(), Path: path, Seen: time.Now(), Pace: pace,
		Identity: fmt.Sprintf("%s %d %d", path, info.Size(), info.ModTime().UnixNano()),
	}
}

// Wait returns at a time, or at once where it is past; with an error when ctx ends before, or has ended.
func Wait(ctx context.Context, due time.Time) error {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	return ctx.Err()
}

// stamp finds a date and a time in a name: 20170329-071008 and 20080411_182639 alike.
var stamp = regexp.MustCompile(`(\d{8})[-_](\d{6})`)

// TimeInName gives the time that a file's name tells, as CASA and NEXRAD name theirs.
func TimeInName(name string) (t time.Time, found bool) {
	for _, m := range stamp.FindAllStringSubmatch(name, -1) {
		if t, err := time.Parse("20060102150405", m[1]+m[2]); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Ignored tells whether a name is one that writers use for files in the making.
func Ignored(name string) bool { return ignored.MatchString(name) }

var ignored = regexp.MustCompile(`^\.|\.(tmp|part|partial)$|~$`)

// Companion tells whether a name is that of what lies beside radar files: settings, notes, maps and checksums.
func Companion(name string) bool { return companion.MatchString(name) }

var companion = regexp.MustCompile(`(?i)\.(ya?ml|json|geojson|md|csv|png|sha256|md5)$`)
