package ingest

import (
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/event"
	"bowecho/internal/radar"
)

// Beyond these a live scan's time is doubtful: clocks that are synchronised differ by less than a second, and the longest
// volume takes ten minutes.
const (
	future = 5 * time.Minute
	late   = time.Hour
)

// skew says whether a live scan is from the future or comes very late, as its time and our clock have it.
func skew(f source.File, scan *radar.Scan) string {
	switch {
	case f.Pace != 1:
		return ""
	case scan.Start.After(f.Seen.Add(future)):
		return event.SkewFuture
	case scan.End.Before(f.Seen.Add(-late)):
		return event.SkewLate
	default:
		return ""
	}
}
