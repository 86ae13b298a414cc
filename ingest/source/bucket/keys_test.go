package bucket

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/ingest/source"

	"github.com/minio/minio-go/v7"
)

func info(key string) minio.ObjectInfo { return minio.ObjectInfo{Key: key, LastModified: time.Now()} }

// bucketOf lists keys as an S3 server does, and counts the listings.
type bucketOf struct {
	keys  []string
	lists int
}

func (b *bucketOf) list(_ context.Context, prefix, after string, flat bool) (objects []minio.ObjectInfo, _ error) {
	b.lists++
	slices.Sort(b.keys)
	for _, key := range b.keys {
		below, ok := strings.CutPrefix(key, prefix)
		if !ok || key <= after {
			continue
		}
		if folder, _, deeper := strings.Cut(below, "/"); flat && deeper {
			key = prefix + folder + "/"
			if n := len(objects); n > 0 && objects[n-1].Key == key {
				continue
			}
		}
		o := info(key)
		if t, stamped := source.TimeInName(key); stamped {
			o.LastModified = t
		}
		objects = append(objects, o)
	}
	return objects, nil
}

func keys(objects []minio.ObjectInfo) (all []string) {
	for _, o := range objects {
		all = append(all, o.Key)
	}
	return all
}

// TestTheNewestVolumeIsFound puts the ring's end everywhere, with folders missing and parts of older volumes left in.
func TestTheNewestVolumeIsFound(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	for _, newest := range []int{1, 2, 3, 500, 998, 999} {
		for name, skip := range map[string]int{"all folders": 1000, "every third missing": 3} {
			t.Run(fmt.Sprintf("%d, %s", newest, name), func(t *testing.T) {
				b := &bucketOf{}
				for age := range folders {
					folder := (newest-age-1+folders)%folders + 1
					if folder%skip == 0 && folder != newest {
						continue
					}
					volume := now.Add(-time.Duration(age) * 5 * time.Minute)
					b.keys = append(b.keys, chunk("KFWS", folder, volume, 1, "S"), chunk("KFWS", folder, volume, 2, "I"))
					if age%7 == 0 {
						b.keys = append(b.keys, chunk("KFWS", folder, volume.Add(-folders*5*time.Minute), 38, "I"))
					}
				}
				r := &ring{list: b.list, site: "KFWS/"}
				found, err := r.look(t.Context(), time.Time{})
				if err != nil || r.folder != newest || !slices.Contains(keys(found), chunk("KFWS", newest, now, 2, "I")) {
					t.Errorf("folder %d, %v, want %d", r.folder, err, newest)
				}
				if b.lists > 20 {
					t.Errorf("%d listings to find it, want at most 20", b.lists)
				}
			})
		}
	}
}

func TestTheRingIsFollowed(t *testing.T) {
	now := time.Now()
	b := &bucketOf{keys: []string{chunk("KFWS", 998, now.Add(-5*time.Minute), 1, "S")}}
	r := &ring{list: b.list, site: "KFWS/"}
	look := func(more ...string) []string {
		t.Helper()
		b.keys = append(b.keys, more...)
		found, err := r.look(t.Context(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		return keys(found)
	}
	look()
	late := chunk("KFWS", 998, now.Add(-5*time.Minute), 2, "I")
	begun := chunk("KFWS", 999, now.Add(-4*time.Minute), 1, "S")
	if got := look(begun, late); !slices.Contains(got, begun) || !slices.Contains(got, late) {
		t.Errorf("got %v, want the new volume and the late part of the one before", got)
	}
	wrapped, second := chunk("KFWS", 1, now.Add(-3*time.Minute), 1, "S"), chunk("KFWS", 2, now.Add(-2*time.Minute), 1, "S")
	old := chunk("KFWS", 3, now.Add(-80*time.Hour), 1, "S")
	if got := look(wrapped, second, old); !slices.Contains(got, wrapped) || !slices.Contains(got, second) || r.folder != 2 {
		t.Errorf("got %v in folder %d, want both volumes after the wrap, and to stay before the old one", got, r.folder)
	}
	r.news = now.Add(-2 * quiet)
	left := chunk("KFWS", 7, now, 1, "S")
	if got := look(left); !slices.Contains(got, left) {
		t.Errorf("got %v, want the volume after folders that were left out", got)
	}
}

func TestPaddedFolders(t *testing.T) {
	key := "KHDX/006/20240401-214657-001-S"
	r := &ring{list: (&bucketOf{keys: []string{key}}).list, site: "KHDX/"}
	if found, err := r.look(t.Context(), time.Time{}); err != nil || !slices.Equal(keys(found), []string{key}) {
		t.Errorf("got %v, %v", keys(found), err)
	}
}

func TestAnUnknownSiteIsNamed(t *testing.T) {
	r := &ring{list: (&bucketOf{}).list, site: "KXYZ/"}
	if _, err := r.look(t.Context(), time.Time{}); err == nil || !strings.Contains(err.Error(), "KXYZ") {
		t.Errorf("got %v", err)
	}
}

// TestADayOf10000 holds that what is old is listed once, not at every look.
func TestADayOf10000(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	b := &bucketOf{}
	for i := range 10_000 {
		b.keys = append(b.keys, "KFWS"+now.Add(-time.Duration(i)*10*time.Second).Format("20060102_150405")+"_V06")
	}
	d := &dated{list: b.list, prefix: "KFWS"}
	since := now.Add(-time.Hour)
	first, err := d.look(t.Context(), since)
	if err != nil || len(first) != 10_000 {
		t.Fatalf("%d objects at first, %v; want all", len(first), err)
	}
	again, err := d.look(t.Context(), since)
	if want := 2*360 + 1; err != nil || len(again) != want {
		t.Errorf("%d objects at the second look, %v; want the %d of two hours", len(again), err, want)
	}
	b.keys = append(b.keys, "KFWS"+now.Add(-time.Hour-5*time.Second).Format("20060102_150405")+"_V06")
	if late, err := d.look(t.Context(), since); err != nil || len(late) != len(again)+1 {
		t.Errorf("%d objects, %v; want one that came an hour late, too", len(late), err)
	}
	d.full = now.Add(-2 * wholeEvery)
	if whole, err := d.look(t.Context(), since); err != nil || len(whole) != 10_001 {
		t.Errorf("%d objects, %v; want all once an hour", len(whole), err)
	}
}

func TestPrefixes(t *testing.T) {
	from, to := time.Date(2026, 4, 30, 23, 40, 0, 0, time.UTC), time.Date(2026, 5, 1, 1, 10, 0, 0, time.UTC)
	for pattern, want := range map[string][]string{
		"%Y/%m/%d/KFWS/": {"2026/04/30/KFWS/", "2026/05/01/KFWS/"}, "in/": {"in/"}, "": {""},
		"%Y%m%d/%H/": {"20260430/23/", "20260501/00/", "20260501/01/"},
	} {
		if got := prefixes(pattern, from, to); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", pattern, got, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"preset":      {Config{Preset: "noaa"}, "noaa-chunks, noaa-level2"},
		"no sites":    {Config{Preset: NOAAChunks}, "sites is empty"},
		"site":        {Config{Preset: NOAAChunks, Sites: []string{"K/FWS"}}, "K/FWS"},
		"no endpoint": {Config{Bucket: "b"}, "endpoint"},
		"no bucket":   {Config{Endpoint: "https://s3.example.org"}, "name"},
		"no {site}":   {Config{Endpoint: "https://s3.example.org", Bucket: "radars", Sites: []string{"KFWS"}}, "no {site}"},
		"chunks else": {Config{Preset: NOAAChunks, Sites: []string{"KFWS"}, Prefix: "x/{site}/"}, "chunks lie at"},
		"poll":        {Config{Preset: NOAAChunks, Sites: []string{"KFWS"}, Poll: 1}, "poll"},
		"subject":     {Config{Preset: NOAAChunks, Sites: []string{"KFWS"}, Notify: "events"}, "files."},
	} {
		if c.cfg.LookBack == 0 {
			c.cfg.LookBack = time.Hour
		}
		if err := c.cfg.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to hold %q", name, err, c.want)
		}
	}
	if err := (Config{Preset: NOAALevel2, Sites: []string{"KFWS"}, LookBack: time.Hour, Notify: "files.noaa"}).Validate(); err != nil {
		t.Error(err)
	}
}
