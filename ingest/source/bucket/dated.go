package bucket

import (
	"context"
	"path"
	"regexp"
	"strings"
	"time"

	"bowecho/ingest/source"

	"github.com/minio/minio-go/v7"
)

// dated watches keys below a prefix that may tell the day or the hour.
type dated struct {
	list   lister
	prefix string
	after  map[string]string // where the next listing of a prefix begins
	full   time.Time         // the last look at the whole
}

// How late an object may come under a name that tells an earlier time, and be found by the next look; what comes still
// later is found by the look at the whole.
const (
	maxLate    = time.Hour
	wholeEvery = time.Hour
)

func (d *dated) look(ctx context.Context, since time.Time) (found []minio.ObjectInfo, err error) {
	now := time.Now()
	after := map[string]string{}
	whole := now.Sub(d.full) > wholeEvery
	for _, prefix := range prefixes(d.prefix, since, now) {
		start := d.after[prefix]
		if whole {
			start = ""
		}
		objects, err := d.list(ctx, prefix, start, false)
		if err != nil {
			return found, err
		}
		found = append(found, objects...)
		after[prefix] = resume(objects, start, since.Add(-maxLate))
	}
	d.after = after
	if whole {
		d.full = now
	}
	return found, nil
}

// resume gives the key after which a listing may begin: all up to it are old by their name, and by when they changed.
func resume(objects []minio.ObjectInfo, after string, old time.Time) string {
	for _, o := range objects {
		t, stamped := source.TimeInName(path.Base(o.Key))
		if !stamped || !t.Before(old) || !o.LastModified.Before(old) {
			break
		}
		after = o.Key
	}
	return after
}

// prefixes gives what a pattern stands for from a time to another, once each: one for each day, or hour.
func prefixes(pattern string, from, to time.Time) (all []string) {
	for t := from.UTC().Truncate(time.Hour); !t.After(to); t = t.Add(time.Hour) {
		prefix := strings.NewReplacer(
			"%Y", t.Format("2006"), "%m", t.Format("01"), "%d", t.Format("02"), "%H", t.Format("15")).Replace(pattern)
		if len(all) == 0 || all[len(all)-1] != prefix {
			all = append(all, prefix)
		}
	}
	return all
}

// keysOf gives the keys that a config means, at any time.
func keysOf(cfg Config) *regexp.Regexp {
	sites := make([]string, len(cfg.Sites))
	for i, s := range cfg.Sites {
		sites[i] = regexp.QuoteMeta(s)
	}
	pattern := strings.NewReplacer(
		"%Y", `\d{4}`, "%m", `\d\d`, "%d", `\d\d`, "%H", `\d\d`, regexp.QuoteMeta("{site}"), "(?:"+strings.Join(sites, "|")+")",
	).Replace(regexp.QuoteMeta(cfg.Prefix))
	return regexp.MustCompile("^" + pattern)
}
