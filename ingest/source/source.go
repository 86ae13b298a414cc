// Package source says what a source of files is, and what they have in common.
package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"time"

	"bowecho/internal/stream"
)

// File is one whole file as a source found it. Its bytes are at Path, in Data, or what Open gives: one of the three.
type File struct {
	Name     string      // for messages; with the folders above it where they tell something, as SITE/NNN/ of a chunk
	Path     string      // where it lies on a disk
	Data     []byte      // its bytes
	Open     Open        // fetches its bytes from elsewhere, at each call anew
	Seen     time.Time   // by the wall clock, when it was whole
	Pace     float64     // seconds of data a second of wall clock: 1 live, 0 as fast as it goes
	Identity string      // tells this version of the file from all others, so that a restart need not read it again; empty where the file is not found again
	PassOver string      // why it is not to be read, only told of; empty: it is to be read
	From     string      // the name of its source, which ingest sets
	Done     func(error) // is told once what became of it, as Settle says; nil where nobody waits
}

// Open gives a file's bytes. A permanent error (stream.Permanent) says that there is no use in asking again.
type Open func(context.Context) (io.ReadCloser, error)

// ErrKnown tells Done that the file's content had been taken before.
var ErrKnown = errors.New("taken before")

// Settle tells whoever waits what became of the file: nil, it is stored and announced; ErrKnown, it was before;
// a permanent error, it is set aside for that reason; any other, it is not taken and may be handed over again.
func (f File) Settle(outcome error) {
	if f.Done != nil {
		f.Done(outcome)
	}
}

// Taken tells whether an outcome says that there is nothing more to do about the file.
func Taken(outcome error) bool {
	return outcome == nil || errors.Is(outcome, ErrKnown) || stream.IsPermanent(outcome)
}

// Source finds files until ctx ends or, where it has an end, until there are no more: then Run returns nil.
// The function that it hands them to, one at a time, blocks while the system is busy; no file is lost meanwhile, and none
// is handed over after ctx has ended. A server that does not answer is no end: it is asked again.
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

// Companion tells whether a name is that of what lies beside radar files: settings, notes, pictures and checksums.
func Companion(name string) bool { return companion.MatchString(name) }

var companion = regexp.MustCompile(`(?i)\.(ya?ml|md|csv|png|sha256|md5)$`)

// JSON tells whether a name is that of JSON, which may be warnings, or maps and settings beside radar files.
func JSON(name string) bool { return json.MatchString(name) }

var json = regexp.MustCompile(`(?i)\.(geo)?json$`)
