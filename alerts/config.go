package alerts

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"bowecho/alerts/episode"
	"bowecho/alerts/match"
	"bowecho/alerts/notify"
	feed "bowecho/alerts/notify/stream"
	"bowecho/alerts/notify/webhook"
	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// Config is what an operator may tune.
type Config struct {
	Places           []event.Place   `yaml:"places"`
	KeepFor          time.Duration   `yaml:"keep_for"`           // a hazard that is gone for less is not gone
	DataLostAfter    time.Duration   `yaml:"data_lost_after"`    // without data for so long, nothing is known any more
	ETAChange        time.Duration   `yaml:"eta_change"`         // an arrival that moves by less is no news
	DistanceChangeKM float64         `yaml:"distance_change_km"` // nor is a hazard at hand that moves by less
	Channels         []ChannelConfig `yaml:"channels"`           // a stream channel named live is there without being named
}

// ChannelConfig is a way to tell people.
type ChannelConfig struct {
	Name string `yaml:"name"`
	Kind string `yaml:"kind"` // webhook or stream
	URL  string `yaml:"url"`  // of a webhook
}

// The kinds of channel.
const (
	kindWebhook = "webhook"
	kindStream  = "stream"
)

// DefaultConfig serves areas that come every minute, and tells the portal's live feed.
func DefaultConfig() Config {
	return Config{KeepFor: 2 * time.Minute, DataLostAfter: 10 * time.Minute, ETAChange: 5 * time.Minute, DistanceChangeKM: 2}
}

func (c Config) rules() episode.Rules {
	return episode.Rules{KeepFor: c.KeepFor, DataLostAfter: c.DataLostAfter, ETAChange: c.ETAChange, DistanceChangeKM: c.DistanceChangeKM}
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	var errs []error
	if !(c.KeepFor >= 0 && c.DataLostAfter > c.KeepFor) {
		errs = append(errs, fmt.Errorf("alerts.keep_for is %v and data_lost_after %v, want 0 or more, and more than that", c.KeepFor, c.DataLostAfter))
	}
	if !(c.ETAChange > 0 && c.DistanceChangeKM > 0) {
		errs = append(errs, fmt.Errorf("alerts.eta_change is %v and distance_change_km %g, want more than 0", c.ETAChange, c.DistanceChangeKM))
	}
	names := []string{}
	for _, p := range c.Places {
		if slices.Contains(names, p.Name) {
			errs = append(errs, fmt.Errorf("alerts.places: %q is there twice", p.Name))
		}
		names = append(names, p.Name)
		if err := c.checkPlace(p); err != nil {
			errs = append(errs, fmt.Errorf("alerts.places: %w", err))
		}
	}
	return errors.Join(append(errs, c.checkChannels())...)
}

func (c Config) checkPlace(p event.Place) error {
	if err := p.Validate(); err != nil {
		return err
	}
	for _, h := range p.Hazards {
		if err := match.CheckUnits(h.Units); err != nil {
			return fmt.Errorf("place %q, hazard %s: %w", p.Name, h.Product, err)
		}
	}
	for _, name := range p.Channels {
		if !slices.ContainsFunc(c.channels(), func(ch ChannelConfig) bool { return ch.Name == name }) {
			return fmt.Errorf("place %q: no channel %q; channels are named in alerts.channels", p.Name, name)
		}
	}
	return nil
}

func (c Config) checkChannels() error {
	names, streams := []string{}, 0
	for _, ch := range c.channels() {
		switch {
		case ch.Name == "" || ch.Name != event.Token(ch.Name):
			return fmt.Errorf("alerts.channels: name %q, want letters, digits, - and _", ch.Name)
		case slices.Contains(names, ch.Name):
			return fmt.Errorf("alerts.channels: %q is there twice", ch.Name)
		}
		names = append(names, ch.Name)
		if _, err := ch.notifier(nil); err != nil {
			return fmt.Errorf("alerts.channels, %s: %w", ch.Name, err)
		}
		if ch.Kind == kindStream {
			streams++
		}
	}
	if streams != 1 {
		return fmt.Errorf("alerts.channels: %d of kind stream, want one at most: there is one stream of events", streams)
	}
	return nil
}

// channels gives the channels that the operator named, and the live feed in any case.
func (c Config) channels() []ChannelConfig {
	if slices.ContainsFunc(c.Channels, func(ch ChannelConfig) bool { return ch.Kind == kindStream }) {
		return c.Channels
	}
	return append(slices.Clone(c.Channels), ChannelConfig{Name: "live", Kind: kindStream})
}

// of gives the names of the channels by which a place is told: those that it names or else all, and always the feed.
func (c Config) of(p event.Place) []string {
	var names []string
	for _, ch := range c.channels() {
		if ch.Kind == kindStream || len(p.Channels) == 0 || slices.Contains(p.Channels, ch.Name) {
			names = append(names, ch.Name)
		}
	}
	return names
}

func (c ChannelConfig) notifier(client *stream.Client) (notify.Notifier, error) {
	switch c.Kind {
	case kindWebhook:
		return webhook.New(c.URL)
	case kindStream:
		if c.URL != "" {
			return nil, fmt.Errorf("url %q, want none for kind stream", c.URL)
		}
		return feed.New(client), nil
	}
	return nil, fmt.Errorf("kind %q, want %s or %s", c.Kind, kindWebhook, kindStream)
}
