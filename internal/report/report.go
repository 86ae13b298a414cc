// Package report counts what a run did, from what it left on the streams.
package report

import (
	"context"
	"strings"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// Report is what a run did.
type Report struct {
	Counts      Counts                 `json:"counts"`
	LatencyMS   map[string]Latency     `json:"latencyMS"`
	NoticesOf   map[string]int         `json:"noticesOf"`   // by place
	Workers     map[string][]WorkersAt `json:"workers"`     // a chain's workers over time
	WorkSeconds map[string]float64     `json:"workSeconds"` // of each chain
	Regimes     []Change               `json:"regimes"`
	DeadReasons []DeadLetter           `json:"deadLetters"`
}

// Counts is how many there were of each.
type Counts struct {
	Files      int `json:"files"`
	Scans      int `json:"scans"`
	Skewed     int `json:"skewed"` // live scans from the future, or very late
	Orders     int `json:"orders"`
	Dropped    int `json:"dropped"` // orders past their deadline
	Grids      int `json:"grids"`
	Mosaics    int `json:"mosaics"`
	Nowcasts   int `json:"nowcasts"`
	Areas      int `json:"areas"` // collections, one a nowcast
	Polygons   int `json:"polygons"`
	Pictures   int `json:"pictures"`
	Notices    int `json:"notices"`
	Dead       int `json:"dead"`
	Duplicates int `json:"duplicates"`
	PassedOver int `json:"passedOver"` // files that are no radar files by their names, not among the files
}

// WorkersAt is a chain's number of workers from a moment on.
type WorkersAt struct {
	Time    time.Time `json:"time"`
	Workers string    `json:"workers"`
	Reason  string    `json:"reason"`
}

// Change is a new state and why.
type Change struct {
	DataTime time.Time `json:"dataTime"`
	Domain   string    `json:"domain"`
	Value    string    `json:"value"`
	Reason   string    `json:"reason"`
}

// DeadLetter is what was set aside and why.
type DeadLetter struct {
	Stage  string `json:"stage"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// The steps of which the latency is told.
const (
	FileToScan    = "fileToScan"
	ScanToGrid    = "scanToGrid"
	GridToAreas   = "gridToAreas"
	AreasToNotice = "areasToNotice"
	FileToNotice  = "fileToNotice"
)

type builder struct {
	Report
	steps map[string][]float64
}

// Build reads all that the streams hold.
func Build(ctx context.Context, client *stream.Client) (*Report, error) {
	b := &builder{steps: map[string][]float64{}}
	b.Workers, b.WorkSeconds, b.NoticesOf = map[string][]WorkersAt{}, map[string]float64{}, map[string]int{}
	for _, read := range []struct {
		stream string
		use    func(stream.Message) error
	}{
		{stream.Scans, decoded(b.scan)},
		{stream.Grids, b.gridded},
		{stream.Areas, decoded(b.areas)},
		{stream.DeadBox, decoded(b.dead)},
		{stream.Events, b.event},
	} {
		if err := client.Each(ctx, read.stream, "", time.Time{}, read.use); err != nil {
			return nil, err
		}
	}
	b.Counts.Files += b.Counts.Scans + b.Counts.Duplicates
	b.Counts.Grids = b.Counts.Mosaics + b.Counts.Nowcasts
	b.LatencyMS = map[string]Latency{}
	for step, values := range b.steps {
		b.LatencyMS[step] = summarize(values)
	}
	return &b.Report, nil
}

// decoded adapts a function of a message's content to one of the message.
func decoded[T any, P interface {
	*T
	event.Message
}](use func(P)) func(stream.Message) error {
	return func(m stream.Message) error {
		content, err := event.Decode[T, P](m.Data)
		if err == nil {
			use(content)
		}
		return err
	}
}

func (b *builder) step(name string, from, to time.Time) {
	if !from.IsZero() && !to.IsZero() {
		b.steps[name] = append(b.steps[name], to.Sub(from).Seconds()*1000)
	}
}

func (b *builder) scan(m *event.Scan) {
	b.Counts.Scans++
	if m.Skew != "" {
		b.Counts.Skewed++
	}
	b.step(FileToScan, m.Trail.File, m.Trail.Scan)
}

func (b *builder) gridded(m stream.Message) error {
	if strings.HasPrefix(m.Subject, "grid.picture.") {
		return decoded(func(p *event.Pictures) { b.Counts.Pictures += len(p.Frames) })(m)
	}
	return decoded(func(g *event.Grid) {
		if g.Product == "mosaic" {
			b.Counts.Mosaics++
			return
		}
		b.Counts.Nowcasts++
		b.step(ScanToGrid, g.Trail.Scan, g.Trail.Grid)
	})(m)
}

func (b *builder) areas(m *event.Areas) {
	b.Counts.Areas++
	b.Counts.Polygons += m.Features
	b.step(GridToAreas, m.Trail.Grid, m.Trail.Areas)
}

func (b *builder) dead(m *event.Dead) {
	b.Counts.Dead++
	if m.Stage == "ingest" {
		b.Counts.Files++
	}
	b.DeadReasons = append(b.DeadReasons, DeadLetter{m.Stage, m.Name, m.Reason})
}
