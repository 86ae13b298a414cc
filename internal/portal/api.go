package portal

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/explain"
	"bowecho/internal/portal/board"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/nats-io/nats.go/jetstream"
)

// maxBody bounds what anybody may send. A place takes a few hundred bytes.
const maxBody = 16 << 10

type answer[T any] struct {
	CacheControl string `header:"Cache-Control"`
	Body         T
}

func fresh[T any](body T) *answer[T] { return &answer[T]{"no-store", body} }

// situation is the state with the id of the event after which it holds.
type situation struct {
	board.State
	EventID string `json:"eventId"`
}

// api adds the JSON operations, which /openapi.json describes.
func (p *Portal) api(mux *http.ServeMux) {
	cfg := huma.DefaultConfig("bowecho", "1")
	cfg.DocsPath, cfg.SchemasPath = "", ""
	cfg.CreateHooks = nil // no $schema members in answers
	api := humago.New(mux, cfg)
	add(api, http.MethodGet, "/v1/state", "How everything stands", p.state)
	add(api, http.MethodGet, "/v1/areas/{domain}", "Polygons of a domain as GeoJSON, the newest where no issue time is given", p.collection)
	add(api, http.MethodGet, "/v1/cells/{domain}", "What the newest mosaic shows at a place, how old that is and which radars see it", p.cell)
	add(api, http.MethodGet, "/v1/decisions", "The latest decisions with their reasons, newest first", p.decisions)
	add(api, http.MethodGet, "/v1/explain/{kind}", "One decision with its inputs, what led to it and what followed", p.explained)
	add(api, http.MethodGet, "/v1/chains", "How the chains hang together: what each is ordered on, makes and feeds", p.chains)
	add(api, http.MethodGet, "/v1/places", "Places and how it stands at each", p.listPlaces)
	add(api, http.MethodPost, "/v1/places", "Watch a place, or change how it is watched", p.postPlace)
	add(api, http.MethodPut, "/v1/places/{name}", "Watch a place, or change how it is watched", p.putPlace)
	add(api, http.MethodDelete, "/v1/places/{name}", "Watch a place no longer", p.deletePlace)
}

func add[I, O any](api huma.API, method, path, summary string, handle func(context.Context, *I) (*O, error)) {
	huma.Register(api, huma.Operation{
		OperationID: huma.GenerateOperationID(method, path, (*O)(nil)),
		Method:      method, Path: path, Summary: summary, MaxBodyBytes: maxBody, BodyReadTimeout: 5 * time.Second,
	}, handle)
}

func (p *Portal) state(context.Context, *struct{}) (*answer[situation], error) {
	return fresh(look(p, func(b *board.Board) situation { return situation{b.State(), p.hub.ID()} })), nil
}

type areasAsked struct {
	Domain      string    `path:"domain" maxLength:"100"`
	LeadMinutes []float64 `query:"leadMinutes" maxItems:"121" doc:"Only these lead times"`
	Level       []float64 `query:"level" maxItems:"20" doc:"Only these levels, in the product's units"`
	IssueTime   time.Time `query:"issueTime" doc:"An issue of the last hour; of past issues only the analysis is kept"`
}

func (p *Portal) collection(_ context.Context, in *areasAsked) (*answer[board.Collection], error) {
	var err error
	c := look(p, func(b *board.Board) (c board.Collection) {
		c, err = b.Collection(in.Domain, board.Select{IssueTime: in.IssueTime, LeadMinutes: in.LeadMinutes, Levels: in.Level})
		return c
	})
	if errors.Is(err, board.ErrNoAreas) {
		return nil, huma.Error404NotFound(err.Error())
	}
	return fresh(c), err
}

type decisionsAsked struct {
	Kind  string    `query:"kind" maxLength:"40" doc:"Only this kind: regime, trigger, scale, freshness, dropped, episode, source, line"`
	Limit int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Since time.Time `query:"since" doc:"Read those since a time, also kinds of which only the streams know, like order"`
}

func (p *Portal) decisions(ctx context.Context, in *decisionsAsked) (*answer[[]*event.Decision], error) {
	if !in.Since.IsZero() {
		list, err := p.explain.List(ctx, in.Kind, in.Since, in.Limit)
		return fresh(list), p.unexplained(err)
	}
	return fresh(look(p, func(b *board.Board) []*event.Decision { return b.Decisions(in.Kind, in.Limit) })), nil
}

type explanationAsked struct {
	Kind string `path:"kind" maxLength:"40" doc:"scaling, order, trigger, budget, regime, freshness, …"`
	Of   string `query:"of" maxLength:"100" doc:"The beginning of the decision's id or of its order's, or its subject, like a chain, for the last; the last of all where it is left out"`
}

func (p *Portal) explained(ctx context.Context, in *explanationAsked) (*answer[*explain.Explanation], error) {
	x, err := p.explain.Explain(ctx, in.Kind, in.Of)
	return fresh(x), p.unexplained(err)
}

// unexplained gives an error as HTTP tells it.
func (p *Portal) unexplained(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, explain.ErrNotFound):
		return huma.Error404NotFound(err.Error())
	case errors.Is(err, explain.ErrAsked):
		return huma.Error422UnprocessableEntity(err.Error())
	}
	p.log.Error("explain", "err", err)
	return huma.Error503ServiceUnavailable("what was decided could not be read; try again")
}

func (p *Portal) chains(context.Context, *struct{}) (*answer[[]event.Step], error) {
	return fresh(p.steps()), nil
}

func (p *Portal) listPlaces(context.Context, *struct{}) (*answer[[]board.Watched], error) {
	return fresh(look(p, (*board.Board).Places)), nil
}

type placeGiven struct {
	Body event.Place
}

func (p *Portal) postPlace(ctx context.Context, in *placeGiven) (*answer[event.Place], error) {
	return p.storePlace(ctx, in.Body)
}

type placeNamed struct {
	Name string `path:"name" maxLength:"200"`
	Body event.Place
}

func (p *Portal) putPlace(ctx context.Context, in *placeNamed) (*answer[event.Place], error) {
	if in.Body.Name != in.Name {
		return nil, huma.Error422UnprocessableEntity("the place's name differs from the one in the path; to rename, delete the old one")
	}
	return p.storePlace(ctx, in.Body)
}

func (p *Portal) storePlace(ctx context.Context, place event.Place) (*answer[event.Place], error) {
	if err := place.Validate(); err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	data, err := json.Marshal(place)
	if err != nil {
		return nil, err
	}
	if _, err := p.places.Put(ctx, event.PlaceKey(place.Name), data); err != nil {
		p.log.Error("store place", "place", place.Name, "err", err)
		return nil, huma.Error503ServiceUnavailable("the place could not be stored; try again")
	}
	return fresh(place), nil
}

func (p *Portal) deletePlace(ctx context.Context, in *struct {
	Name string `path:"name" maxLength:"200"`
}) (*struct{}, error) {
	key := event.PlaceKey(in.Name)
	_, err := p.places.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, huma.Error404NotFound("no place of that name was made here; places of the configuration are removed there")
	}
	if err == nil {
		err = p.places.Delete(ctx, key)
	}
	if err != nil {
		p.log.Error("delete place", "place", in.Name, "err", err)
		return nil, huma.Error503ServiceUnavailable("the place could not be deleted; try again")
	}
	return nil, nil
}
