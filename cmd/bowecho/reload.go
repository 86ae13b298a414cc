package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"bowecho/dispatcher"
	"bowecho/internal/config"
)

// reloader hands the dispatcher its part of the config file again, whenever the file changes.
type reloader struct {
	path       string
	started    Config // as the program runs with it
	dispatcher *dispatcher.Dispatcher
	log        *slog.Logger
}

// run watches the file until ctx ends. Where that cannot be done the program goes on without, and says so.
func (r reloader) run(ctx context.Context) error {
	if r.path == "" {
		return nil
	}
	w, err := config.NewWatcher(r.path)
	if err == nil {
		if now, err := loadConfig(r.path); err != nil || len(config.Changes(r.started.Dispatcher, now.Dispatcher)) > 0 {
			r.reload(ctx) // it changed while the program started
		}
		err = w.Run(ctx, func() { r.reload(ctx) })
	}
	if err != nil {
		r.log.Warn("the config is not watched: a change counts after a restart", "err", err)
	}
	return nil
}

// reload hands on the file as it is now, or tells why it is refused.
func (r reloader) reload(ctx context.Context) {
	cfg, err := r.read()
	tell := func() error { return r.dispatcher.Refuse(ctx, err) }
	if err == nil {
		restart := slices.DeleteFunc(config.Changes(r.started, cfg), func(key string) bool { return strings.HasPrefix(key, "dispatcher.") })
		tell = func() error { return r.dispatcher.Reload(ctx, cfg.Dispatcher, restart) }
	} else {
		r.log.Error("the config is refused, and the one before it still counts", "err", err)
	}
	for {
		told := tell()
		if told == nil || ctx.Err() != nil {
			return
		}
		r.log.Warn("the config is not taken yet; it is tried again", "err", told)
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// read reads the file. One without a letter in it is not what somebody wrote, but a disk that was full.
func (r reloader) read() (Config, error) {
	if info, err := os.Stat(r.path); err == nil && info.Size() == 0 {
		return r.started, fmt.Errorf("%s is empty", r.path)
	}
	return loadConfig(r.path)
}
