package bucket

import (
	"context"
	"fmt"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"bowecho/ingest/source"

	"github.com/minio/minio-go/v7"
)

// ring watches the real-time parts of one radar's volumes: SITE/NNN/YYYYMMDD-HHMMSS-PPP-T, where each volume has the next
// folder NNN from 1 to 999, and then 1 again.
type ring struct {
	list   lister
	site   string    // with the slash
	padded bool      // folders are 001 rather than 1
	folder int       // of the newest volume; 0: not known
	newest time.Time // of the volume in it
	news   time.Time // when anything new was last found, or searched for
}

const folders = 999

// quiet is how long nothing may come before the newest volume is searched for anew: folders can be left out. The longest
// volume takes ten minutes.
const quiet = 15 * time.Minute

// look gives the parts of the newest volume and of the one before it, which may still be late, and of all that have
// begun since the last look.
func (r *ring) look(ctx context.Context, _ time.Time) (found []minio.ObjectInfo, err error) {
	if r.folder == 0 || time.Since(r.news) > quiet {
		if err := r.search(ctx); err != nil {
			return nil, err
		}
	}
	for _, folder := range []int{before(r.folder), r.folder} {
		parts, _, err := r.parts(ctx, folder)
		if err != nil {
			return found, err
		}
		found = append(found, parts...)
	}
	for range folders {
		parts, newest, err := r.parts(ctx, after(r.folder))
		if err != nil || !newest.After(r.newest) {
			return found, err
		}
		found = append(found, parts...)
		r.folder, r.newest, r.news = after(r.folder), newest, time.Now()
	}
	return found, nil
}

func before(folder int) int { return (folder+folders-2)%folders + 1 }
func after(folder int) int  { return folder%folders + 1 }

// parts lists a folder, and tells when its newest volume began; zero when it is empty.
func (r *ring) parts(ctx context.Context, folder int) (parts []minio.ObjectInfo, newest time.Time, err error) {
	name := strconv.Itoa(folder)
	if r.padded {
		name = fmt.Sprintf("%03d", folder)
	}
	parts, err = r.list(ctx, r.site+name+"/", "", false)
	for _, p := range parts {
		if t, ok := source.TimeInName(path.Base(p.Key)); ok && t.After(newest) {
			newest = t
		}
	}
	return parts, newest, err
}

// search finds the newest volume with few listings: from the lowest folder on times rise, then fall once, where the ring
// was closed, and rise again.
func (r *ring) search(ctx context.Context) error {
	there, err := r.folders(ctx)
	if err != nil {
		return err
	}
	if len(there) == 0 {
		return fmt.Errorf("%s holds no volumes; is it a radar's name?", r.site)
	}
	begun := make([]time.Time, len(there))
	ask := func(i int) time.Time {
		if err == nil && begun[i].IsZero() {
			_, begun[i], err = r.parts(ctx, there[i])
		}
		return begun[i]
	}
	first := ask(0)
	last := sort.Search(len(there), func(i int) bool { return ask(i).Before(first) }) - 1
	last = max(last, 0)
	newest := ask(last)
	if err != nil {
		return err
	}
	r.folder, r.newest, r.news = there[last], newest, time.Now()
	return nil
}

// folders gives the numbers of the folders that there are, rising.
func (r *ring) folders(ctx context.Context) (numbers []int, err error) {
	entries, err := r.list(ctx, r.site, "", true)
	for _, e := range entries {
		name := strings.TrimSuffix(strings.TrimPrefix(e.Key, r.site), "/")
		if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= folders {
			numbers = append(numbers, n)
			r.padded = r.padded || name[0] == '0'
		}
	}
	slices.Sort(numbers)
	return numbers, err
}
