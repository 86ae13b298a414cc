package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"bowecho/internal/portal"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

// onlooker is for commands that show how a system stands. All ask the API of its portal. Where none runs, they start one
// for themselves, on the data directory or the NATS server.
type onlooker struct {
	config, data, portal string
	asJSON               bool
}

func (o *onlooker) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&o.config, "config", "c", "", "YAML file of the system")
	flags.StringVar(&o.portal, "portal", "", "address of the system's portal, like http://127.0.0.1:8080 (default: the config's portal.listen)")
	flags.StringVar(&o.data, "data", "", "data directory, of a running bowecho or a stopped one, instead of a portal")
	flags.BoolVar(&o.asJSON, "json", false, "as JSON")
}

// open calls a function with a portal that answers.
func (o *onlooker) open(ctx context.Context, use func(context.Context, *view) error) error {
	if o.portal != "" && o.data != "" {
		return usageError{errors.New("--portal and --data are both given, want one")}
	}
	cfg, err := loadConfig(o.config)
	if err != nil {
		return err
	}
	base := o.portal
	if base == "" {
		base = "http://" + reachable(cfg.Portal.Listen)
	}
	v := &view{strings.TrimSuffix(base, "/")}
	answers := v.answers(ctx)
	if o.data == "" && (answers == nil || o.portal != "") {
		if answers != nil {
			return answers
		}
		return use(ctx, v)
	}
	cfg.Data = cmp.Or(o.data, cfg.Data)
	if _, err := os.Stat(cfg.Data); err != nil && cfg.NATS.URL == "" {
		if o.data != "" {
			return usageError{fmt.Errorf("look at the data directory: %w", err)}
		}
		return fmt.Errorf("%w, and there is no data directory %s; start bowecho, or say where it is with --portal, --data or -c", answers, cfg.Data)
	}
	return own(ctx, cfg, use)
}

// own runs a portal for as long as a function takes.
func own(ctx context.Context, cfg Config, use func(context.Context, *view) error) error {
	c, err := openAny(ctx, cfg)
	if err != nil {
		return err
	}
	defer c.close()
	p, err := portal.New(portal.Config{Listen: "127.0.0.1:0"}, cfg.domains(), legend(), c.client, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.Run(ctx) })
	v := &view{strings.TrimSuffix(p.URL(), "/")}
	err = v.ready(ctx)
	if err == nil {
		err = use(ctx, v)
	}
	stop()
	return errors.Join(err, group.Wait())
}

// reachable gives an address to ask where one to listen on is given.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}

// view is a portal's API.
type view struct{ base string }

// answerWithin bounds one question. An explanation may read a day of decisions.
const answerWithin = 30 * time.Second

// get asks for something, as JSON.
func get[T any](ctx context.Context, v *view, path string, query url.Values) (answer T, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+path, nil)
	if err != nil {
		return answer, usageError{fmt.Errorf("ask %s: %w", v.base, err)}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer, fmt.Errorf("ask bowecho: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		var problem struct{ Detail string }
		_ = json.NewDecoder(response.Body).Decode(&problem)
		if problem.Detail == "" {
			problem.Detail = v.base + path + " answers " + response.Status
		}
		err = errors.New(problem.Detail)
		if response.StatusCode == http.StatusUnprocessableEntity {
			return answer, usageError{err}
		}
		return answer, err
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return answer, fmt.Errorf("read what %s answers: %w", v.base+path, err)
	}
	return answer, nil
}

// answers tells why the portal does not.
func (v *view) answers(ctx context.Context) error {
	_, err := get[json.RawMessage](ctx, v, "/openapi.json", nil)
	return err
}

// ready waits until a portal has read what has been.
func (v *view) ready(ctx context.Context) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+"/readyz", nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
