package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"bowecho/ingest/level2"
	"bowecho/ingest/source"
	"bowecho/ingest/source/bucket"
	"bowecho/ingest/source/index"
	"bowecho/ingest/source/poll"
	"bowecho/ingest/source/push"
	"bowecho/ingest/source/replay"
	"bowecho/ingest/source/subject"
)

// SourceConfig is one way in: a name, and one kind with its settings.
type SourceConfig struct {
	Name      string           `yaml:"name"`
	Patterns  []string         `yaml:"patterns"` // of file names; others are told of, not read. Empty: all are read
	Folder    *FolderConfig    `yaml:"folder"`
	Push      *push.Config     `yaml:"push"`
	Index     *index.Config    `yaml:"index"`
	Bucket    *bucket.Config   `yaml:"bucket"`
	Poll      *poll.Config     `yaml:"poll"`
	Subject   *subject.Config  `yaml:"subject"`
	Replay    *replay.Config   `yaml:"replay"`
	Simulated *SimulatedConfig `yaml:"simulated"`
}

// FolderConfig is a folder, and how to watch it.
type FolderConfig struct {
	Dir  string        `yaml:"dir"`
	Poll time.Duration `yaml:"poll"` // look so often, as over NFS; 0: hear of it from the kernel
}

// SimulatedConfig is the simulated storm.
type SimulatedConfig struct {
	Speed float64 `yaml:"speed"` // how much faster than real time; 0: as the demonstration has it
}

const shortForms = "simulated, folder:DIR, replay:DIR, push:HOST:PORT, index:URL, bucket:PRESET/SITE, poll:URL or subject:files.NAME"

// parseSource reads the short form of a source, KIND or KIND:ARGUMENT.
func parseSource(text string, speed float64) (SourceConfig, error) {
	kind, argument, _ := strings.Cut(text, ":")
	c := SourceConfig{Name: text}
	switch kind {
	case "simulated":
		c.Simulated = &SimulatedConfig{speed}
	case "folder":
		c.Folder = &FolderConfig{Dir: argument}
	case "replay":
		c.Replay = &replay.Config{Dir: argument, Speed: speed}
	case "push":
		c.Push = &push.Config{Listen: cmp.Or(argument, push.DefaultConfig().Listen)}
	case "index":
		settings := index.DefaultConfig()
		settings.URL = argument
		c.Index = &settings
	case "bucket":
		preset, site, _ := strings.Cut(argument, "/")
		c.Bucket = presetBucket(preset, site)
	case "poll":
		settings := poll.DefaultConfig()
		settings.URL = argument
		c.Poll = &settings
	case "subject":
		c.Subject = &subject.Config{Subject: argument}
	default:
		return c, fmt.Errorf("source %q is not known, want %s", text, shortForms)
	}
	return c, nil
}

func presetBucket(preset string, sites ...string) *bucket.Config {
	settings := bucket.DefaultConfig()
	settings.Preset = preset
	for _, site := range sites {
		settings.Sites = append(settings.Sites, strings.ToUpper(site))
	}
	return &settings
}

// liveSource takes NOAA's real-time parts of radars.
func liveSource(sites []string) SourceConfig {
	return SourceConfig{Name: "live " + strings.Join(sites, ", "), Bucket: presetBucket(bucket.NOAAChunks, sites...)}
}

// liveDomains gives a domain around each of the radars, out to where their beams are too high and wide for warnings.
func liveDomains(stations []string) (domains []DomainConfig, err error) {
	for _, station := range stations {
		station = strings.ToUpper(station)
		site, known := level2.SiteOf(station)
		if !known {
			return nil, fmt.Errorf("no NEXRAD radar is called %q, want a name like KFWS or TDFW", station)
		}
		domains = append(domains, DomainConfig{
			Name: strings.ToLower(station), Centre: [2]float64{site.LongitudeDeg, site.LatitudeDeg}, Rows: 921, Cols: 921, CellSizeM: 500,
		})
	}
	return domains, nil
}

// Validate tells what is wrong.
func (c SourceConfig) Validate() error {
	var kinds int
	var errs []error
	check := func(given bool, validate func() error) {
		if given {
			kinds++
			errs = append(errs, validate())
		}
	}
	fine := func() error { return nil }
	check(c.Folder != nil, func() error { return c.Folder.Validate() })
	check(c.Push != nil, func() error { return c.Push.Validate() })
	check(c.Index != nil, func() error { return c.Index.Validate() })
	check(c.Bucket != nil, func() error { return c.Bucket.Validate() })
	check(c.Poll != nil, func() error { return c.Poll.Validate() })
	check(c.Subject != nil, func() error { return c.Subject.Validate() })
	check(c.Replay != nil, func() error { return isDirectory(c.Replay.Dir) })
	check(c.Simulated != nil, fine)
	if kinds != 1 {
		errs = append(errs, fmt.Errorf("it has %d kinds, want one of folder, push, index, bucket, poll, subject, replay and simulated", kinds))
	}
	if c.Name == "" {
		errs = append(errs, errors.New("it has no name"))
	}
	errs = append(errs, source.CheckPatterns(c.Patterns))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("source %q: %w", c.Name, err)
	}
	return nil
}

// Validate tells what is wrong.
func (c FolderConfig) Validate() error {
	if c.Poll != 0 && c.Poll < time.Second {
		return fmt.Errorf("folder.poll is %v, want at least 1s, or 0s to hear from the kernel", c.Poll)
	}
	if c.Poll > 0 && c.Dir != "" {
		return nil // it may be mounted later
	}
	return isDirectory(c.Dir)
}

func isDirectory(dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("%q is not a directory", dir)
	}
	return nil
}
