package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"bowecho/alerts"
	"bowecho/dispatcher"
	"bowecho/ingest"
	"bowecho/internal/config"
	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/portal"
	"bowecho/internal/stream"
	"bowecho/processors"
)

// Config is the one YAML file.
type Config struct {
	Data       string            `yaml:"data"` // the directory that keeps everything
	NATS       stream.Config     `yaml:"nats"`
	Domains    []DomainConfig    `yaml:"domains"`
	Ingest     IngestConfig      `yaml:"ingest"`
	Dispatcher dispatcher.Config `yaml:"dispatcher"`
	Clouds     []CloudConfig     `yaml:"clouds"`
	Alerts     alerts.Config     `yaml:"alerts"`
	Portal     portal.Config     `yaml:"portal"`
}

// IngestConfig is the stage's config and the ways in.
type IngestConfig struct {
	ingest.Config `yaml:",inline"`
	Sources       []SourceConfig `yaml:"sources"`
}

// DomainConfig is where products are made, as an operator says it.
type DomainConfig struct {
	Name      string     `yaml:"name"`
	Centre    [2]float64 `yaml:"center"` // longitude, latitude
	Rows      int        `yaml:"rows"`
	Cols      int        `yaml:"cols"`
	CellSizeM float64    `yaml:"cell_size_m"`
}

// defaultConfig serves one machine and the Dallas/Fort Worth network, 1121 × 1121 cells of 250 m.
func defaultConfig() Config {
	return Config{
		Data:       "data",
		NATS:       stream.DefaultConfig(),
		Domains:    []DomainConfig{{Name: "dfw", Centre: [2]float64{-96.9942, 32.6487}, Rows: 1121, Cols: 1121, CellSizeM: 250}},
		Ingest:     IngestConfig{Config: ingest.DefaultConfig()},
		Dispatcher: dispatcher.DefaultConfig(),
		Alerts:     alerts.DefaultConfig(),
		Portal:     portal.DefaultConfig(),
	}
}

// loadConfig reads the YAML file over the defaults, where one is given, and checks the whole.
func loadConfig(path string) (Config, error) {
	cfg := defaultConfig()
	if path == "" {
		return cfg, cfg.validate()
	}
	if err := config.Load(path, &cfg, func() error { return cfg.validate() }); err != nil {
		return cfg, usageError{err}
	}
	return cfg, nil
}

func (c Config) validate() error {
	errs := []error{c.NATS.Validate(), c.Ingest.Validate(), c.Dispatcher.Validate(), c.Alerts.Validate(), c.Portal.Validate()}
	names := map[string]bool{}
	for _, source := range c.Ingest.Sources {
		errs = append(errs, source.Validate())
		if names[source.Name] {
			errs = append(errs, fmt.Errorf("ingest.sources has two named %q", source.Name))
		}
		names[source.Name] = true
	}
	errs = append(errs, c.checkClouds()...)
	if c.Data == "" {
		errs = append(errs, errors.New("data is empty, want the directory that keeps everything"))
	}
	if len(c.Domains) == 0 {
		errs = append(errs, errors.New("domains is empty, want at least one"))
	}
	for _, d := range c.domains() {
		errs = append(errs, d.Validate())
	}
	for name, chain := range c.Dispatcher.Chains {
		raw, err := json.Marshal(chain.Parameters)
		if len(chain.Parameters) == 0 {
			raw = nil
		}
		if _, known := event.Calculations[chain.Worker]; known && err == nil {
			err = processors.Check(chain.Worker, raw)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("dispatcher.chains.%s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

func (c Config) domains() []grid.Domain {
	domains := make([]grid.Domain, len(c.Domains))
	for i, d := range c.Domains {
		domains[i] = grid.Centred(d.Name, d.Centre[1], d.Centre[0], d.Rows, d.Cols, d.CellSizeM)
	}
	return domains
}

// addPlaces adds the places of a file of its own.
func (c *Config) addPlaces(path string) error {
	var file struct {
		Places []event.Place `yaml:"places"`
	}
	if err := config.Load(path, &file); err != nil {
		return usageError{err}
	}
	c.Alerts.Places = append(c.Alerts.Places, file.Places...)
	if err := c.Alerts.Validate(); err != nil {
		return usageError{fmt.Errorf("%s: %w", path, err)}
	}
	return nil
}
