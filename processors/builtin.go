package processors

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"bowecho/internal/config"
	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
)

// work makes what an order asks for, stores it, and gives the messages that announce it.
type work func(ctx context.Context, client *stream.Client, order *event.Order) ([]event.Message, error)

// builtin is every calculation that a chain can name as its worker.
var builtin = map[string]work{
	"mosaic":      makeMosaic,
	"nowcast":     makeNowcast,
	"probability": makeProbabilities,
	"contour":     makeContours,
	"picture":     makePictures,
}

// checks reads the parameters of each calculation, so that a slip in the config shows at the start.
var checks = map[string]func(json.RawMessage) error{
	"mosaic":      check(defaultMosaic),
	"nowcast":     check(defaultNowcast),
	"probability": check(defaultProbabilities),
	"contour":     check(defaultContours),
	"picture":     check(defaultPictures),
}

// Add makes a calculation that is not built in known under a name, with what reads its parameters: for a program that is
// bowecho and more, as that of tests is. It is to be called before anything runs.
func Add(name string, read func(json.RawMessage) error, do func(context.Context, *stream.Client, *event.Order) ([]event.Message, error)) {
	checks[name], builtin[name] = read, do
}

// Check tells what is wrong with a chain's worker and parameters.
func Check(worker string, parameters json.RawMessage) error {
	reads, known := checks[worker]
	if !known {
		names := make([]string, 0, len(checks))
		for name := range checks {
			names = append(names, name)
		}
		slices.Sort(names)
		return fmt.Errorf("unknown worker %q, want one of %s", worker, strings.Join(names, ", "))
	}
	return reads(parameters)
}

type parameters interface{ Validate() error }

func check[C parameters](defaults func() C) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		_, err := over(defaults, raw)
		return err
	}
}

// over reads parameters over their defaults. JSON is YAML, so that both are read the same way.
func over[C parameters](defaults func() C, raw json.RawMessage) (C, error) {
	c := defaults()
	if err := config.Parse(raw, &c); err != nil {
		return c, stream.Permanent(fmt.Errorf("parameters%w", err))
	}
	return c, stream.Permanent(c.Validate())
}

// loadGrid gets the grid that an input names.
func loadGrid(ctx context.Context, client *stream.Client, in event.Input) (*grid.Grid, error) {
	data, err := client.Get(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	g, err := grid.Decode(data)
	return g, stream.Permanent(err)
}

// newest gives the last input of an order.
func newest(order *event.Order) (event.Input, error) {
	if len(order.Inputs) == 0 {
		return event.Input{}, stream.Permanent(fmt.Errorf("order %s names no input", order.ID))
	}
	return order.Inputs[len(order.Inputs)-1], nil
}
