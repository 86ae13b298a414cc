// Package archive writes every product to files as it comes: grids as NetCDF, areas as GeoJSON, pictures as PNG.
package archive

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/internal/stream"

	"golang.org/x/sync/errgroup"
)

// Archive writes below one directory.
type Archive struct {
	dir    string
	client *stream.Client
	log    *slog.Logger
}

// New makes the directory and gives an archive that has not started anything.
func New(dir string, client *stream.Client, log *slog.Logger) (*Archive, error) {
	for _, sub := range []string{"grids", "areas", "pictures"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, fmt.Errorf("make the directory for products: %w", err)
		}
	}
	return &Archive{dir, client, log.With("stage", "archive")}, nil
}

// Run writes until ctx ends. It remembers how far it got, so that a restart leaves no gap.
func (a *Archive) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		who := stream.Consumer{Stream: stream.Grids, Durable: "archive-grids", Stage: "archive", AckWait: time.Minute}
		return a.client.Consume(ctx, a.log, who, a.gridded)
	})
	group.Go(func() error {
		who := stream.Consumer{Stream: stream.Areas, Durable: "archive-areas", Stage: "archive", AckWait: time.Minute}
		return a.client.Consume(ctx, a.log, who, a.areas)
	})
	return group.Wait()
}

func (a *Archive) gridded(ctx context.Context, m stream.Message) error {
	if strings.HasPrefix(m.Subject, "grid.picture.") {
		return a.pictures(ctx, m)
	}
	g, err := event.Decode[event.Grid](m.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	data, err := a.client.Get(ctx, g.Key)
	if err != nil {
		return err
	}
	full, err := grid.Decode(data)
	if err != nil {
		return stream.Permanent(err)
	}
	return ncfile.WriteGrid(a.path("grids", g.Product, g.Domain.Name, g.IssueTime, ".nc"), full)
}

func (a *Archive) pictures(ctx context.Context, m stream.Message) error {
	p, err := event.Decode[event.Pictures](m.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	for _, frame := range p.Frames {
		data, err := a.client.Get(ctx, frame.Key)
		if err != nil {
			return err
		}
		suffix := fmt.Sprintf("_%02.0fmin.png", frame.LeadMinutes)
		if err := replace(a.path("pictures", p.Product, p.Domain.Name, p.IssueTime, suffix), data); err != nil {
			return err
		}
	}
	return nil
}

func (a *Archive) areas(ctx context.Context, m stream.Message) error {
	areas, err := event.Decode[event.Areas](m.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	collection := []byte(areas.Collection)
	if len(collection) == 0 {
		if collection, err = a.client.Get(ctx, areas.Key); err != nil {
			return err
		}
	}
	return replace(a.path("areas", areas.Product, areas.Domain, areas.IssueTime, ".geojson"), collection)
}

func (a *Archive) path(folder, product, domain string, issued time.Time, suffix string) string {
	name := event.Token(product) + "_" + event.Token(domain) + "_" + issued.UTC().Format("20060102T150405Z") + suffix
	return filepath.Join(a.dir, folder, name)
}

// replace writes a file so that nobody ever reads half of it.
func replace(path string, data []byte) error {
	part := path + ".part"
	if err := os.WriteFile(part, data, 0o644); err != nil {
		_ = os.Remove(part)
		return fmt.Errorf("write product: %w", err)
	}
	return os.Rename(part, path)
}
