package alerts

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"bowecho/alerts/episode"
	"bowecho/alerts/match"
	"bowecho/alerts/notify"
	notifystream "bowecho/alerts/notify/stream"
	"bowecho/alerts/notify/webhook"
	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// Config is what an operator writes.
type Config struct {
	Places           []event.Place `yaml:"places"`
	KeepFor          time.Duration `yaml:"keep_for"`           // a hazard that is gone for less is not gone
	DataLostAfter    time.Duration `yaml:"data_lost_after"`    // without data for so long, nothing is known any more
	ETAChange        time.Duration `yaml:"eta_change"`         // an arrival that moves by less is no news
	DistanceChangeKM float64       `yaml:"distance_change_km"` // nor is a hazard at hand that moves by less
	Channels         []Channel     `yaml:"channels"`
}

// Channel is where notices go.
type Channel struct {
	Name string `yaml:"name"`
	Kind string `yaml:"kind"` // webhook or stream
	URL  string `yaml:"url"`  // of a webhook
}

// DefaultConfig watches no place, and tells the stream of events, from which the portal's feed is made.
func DefaultConfig() Config {
	return Config{
		KeepFor: 2 * time.Minute, DataLostAfter: 10 * time.Minute, ETAChange: 5 * time.Minute, DistanceChangeKM: 2,
		Channels: []Channel{{Name: "live", Kind: "stream"}},
	}
}

// channelName is what can be one token of a subject and of a consumer's name.
var channelName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,50}$`)

// Validate tells all that is wrong.
func (c Config) Validate() error {
	var errs []error
	if c.KeepFor < 0 || c.DataLostAfter <= c.KeepFor || c.ETAChange <= 0 || !(c.DistanceChangeKM > 0) {
		errs = append(errs, fmt.Errorf("alerts: keep_for %v, data_lost_after %v, eta_change %v, distance_change_km %g; want data_lost_after above keep_for and the others above 0",
			c.KeepFor, c.DataLostAfter, c.ETAChange, c.DistanceChangeKM))
	}
	names := map[string]bool{}
	for _, ch := range c.Channels {
		if !channelName.MatchString(ch.Name) || names[ch.Name] {
			errs = append(errs, fmt.Errorf("alerts.channels: name %q is used twice or is not 1 to 50 letters, digits, - and _", ch.Name))
		}
		names[ch.Name] = true
		if _, err := ch.notifier(nil); err != nil {
			errs = append(errs, fmt.Errorf("alerts.channels.%s: %w", ch.Name, err))
		}
	}
	for _, p := range c.Places {
		errs = append(errs, check(p))
		for _, name := range p.Channels {
			if !names[name] {
				errs = append(errs, fmt.Errorf("place %q: channel %q is not in alerts.channels", p.Name, name))
			}
		}
	}
	return errors.Join(errs...)
}

// check tells what is wrong with a place, units included.
func check(p event.Place) error {
	if err := p.Validate(); err != nil {
		return err
	}
	for _, h := range p.Hazards {
		if err := match.CheckUnits(h.Units); err != nil {
			return fmt.Errorf("place %q: hazard %s: %w", p.Name, h.Product, err)
		}
	}
	return nil
}

func (c Config) rules() episode.Rules {
	return episode.Rules{KeepFor: c.KeepFor, DataLostAfter: c.DataLostAfter, ETAChange: c.ETAChange, DistanceChangeKM: c.DistanceChangeKM}
}

// notifier gives the way into a channel.
func (c Channel) notifier(client *stream.Client) (notify.Notifier, error) {
	switch c.Kind {
	case "webhook":
		return webhook.New(c.URL)
	case "stream":
		return notifystream.New(client), nil
	default:
		return nil, fmt.Errorf("kind %q, want webhook or stream", c.Kind)
	}
}
