package bucket

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"bowecho/ingest/source"

	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// Config is what an operator may tune. What a preset says need not be said again, and can be said otherwise.
type Config struct {
	Preset    string        `yaml:"preset"`    // noaa-level2 or noaa-chunks; empty: none
	Sites     []string      `yaml:"sites"`     // of radars, like KFWS; each replaces {site} in the prefix
	Endpoint  string        `yaml:"endpoint"`  // of the S3 server, like https://s3.example.org
	Region    string        `yaml:"region"`    // empty: us-east-1
	Bucket    string        `yaml:"bucket"`    // its name
	Prefix    string        `yaml:"prefix"`    // of the keys, with {site}, and %Y %m %d %H of UTC where keys tell the time
	Poll      time.Duration `yaml:"poll"`      // how often to list
	LookBack  time.Duration `yaml:"look_back"` // how old an object may be when it is first seen
	Notify    string        `yaml:"notify"`    // NATS subject on which the bucket's events come; empty: none do
	Anonymous bool          `yaml:"anonymous"` // use no keys; else AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, where they are set
}

// DefaultConfig looks an hour back.
func DefaultConfig() Config { return Config{LookBack: time.Hour} }

// UnmarshalYAML reads over the defaults.
func (c *Config) UnmarshalYAML(decode func(any) error) error {
	type plain Config
	*c = DefaultConfig()
	return decode((*plain)(c))
}

// The names of the presets.
const (
	NOAALevel2 = "noaa-level2" // whole volumes, some minutes after their end
	NOAAChunks = "noaa-chunks" // parts of volumes, some seconds after they were measured
)

// layout is how a bucket's keys are arranged, and what about it is usual.
type layout struct {
	endpoint, bucket, prefix string
	poll                     time.Duration
	anonymous                bool
	chunks                   bool           // SITE/NNN/…, where NNN goes from 1 to 999 and begins again
	skip                     *regexp.Regexp // keys that are no radar data
}

// layouts has the public NEXRAD buckets. Source: https://registry.opendata.aws/noaa-nexrad, and the buckets themselves.
var layouts = map[string]layout{
	"": {poll: 10 * time.Second},
	NOAALevel2: {
		endpoint: "https://s3.amazonaws.com", bucket: "unidata-nexrad-level2", prefix: "%Y/%m/%d/{site}/",
		poll: 10 * time.Second, anonymous: true, skip: regexp.MustCompile(`_MDM$`),
	},
	NOAAChunks: {
		endpoint: "https://s3.amazonaws.com", bucket: "unidata-nexrad-level2-chunks", prefix: "{site}/",
		poll: 2 * time.Second, anonymous: true, chunks: true,
	},
}

// completed gives the config with what its preset says, and the layout of the keys.
func (c Config) completed() (Config, layout, error) {
	l, known := layouts[c.Preset]
	if !known {
		names := slices.Sorted(maps.Keys(layouts))[1:]
		return c, l, fmt.Errorf("bucket.preset is %q, want one of %s, or none", c.Preset, strings.Join(names, ", "))
	}
	c.Endpoint, c.Bucket, c.Prefix = cmp.Or(c.Endpoint, l.endpoint), cmp.Or(c.Bucket, l.bucket), cmp.Or(c.Prefix, l.prefix)
	c.Region, c.Poll, c.Anonymous = cmp.Or(c.Region, "us-east-1"), cmp.Or(c.Poll, l.poll), c.Anonymous || l.anonymous
	return c, l, nil
}

var siteName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// Validate tells what is wrong.
func (c Config) Validate() error {
	c, l, err := c.completed()
	if err != nil {
		return err
	}
	u, err := url.Parse(c.Endpoint)
	switch bySite := strings.Contains(c.Prefix, "{site}"); {
	case err != nil:
		return fmt.Errorf("bucket.endpoint: %w", err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "":
		return fmt.Errorf("bucket.endpoint is %q, want http://HOST or https://HOST", c.Endpoint)
	case s3utils.CheckValidBucketName(c.Bucket) != nil:
		return fmt.Errorf("bucket.bucket is %q, want the bucket's name: %w", c.Bucket, s3utils.CheckValidBucketName(c.Bucket))
	case bySite && len(c.Sites) == 0:
		return fmt.Errorf("bucket.sites is empty, want radars like KFWS for {site} in the prefix %s", c.Prefix)
	case !bySite && len(c.Sites) > 0:
		return fmt.Errorf("bucket.sites are given, but the prefix %q has no {site}", c.Prefix)
	case l.chunks && c.Prefix != l.prefix:
		return fmt.Errorf("bucket.prefix is %q, but chunks lie at %s", c.Prefix, l.prefix)
	case c.Poll < time.Second || c.LookBack < time.Minute:
		return fmt.Errorf("bucket.poll is %v and bucket.look_back %v, want at least 1s and 1m", c.Poll, c.LookBack)
	}
	for _, site := range c.Sites {
		if !siteName.MatchString(site) {
			return fmt.Errorf("bucket.sites has %q, want names like KFWS", site)
		}
	}
	if c.Notify != "" {
		if err := source.CheckSubject(c.Notify); err != nil {
			return fmt.Errorf("bucket.notify: %w", err)
		}
	}
	return nil
}
