package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"bowecho/ingest/source"

	"golang.org/x/net/html"
)

// directory is what a listing said, and how to ask whether it has changed since.
type directory struct {
	page    source.Page
	entries []entry
}

// entry is a file or a directory of a listing.
type entry struct {
	name      string // below the root
	url       *url.URL
	directory bool
	facts     string    // date and size, as the listing shows them
	time      time.Time // that the name tells; zero: none
}

func (e entry) identity() string { return e.url.String() + " " + e.facts }

// maxListing is the longest listing that is read: a hundred thousand files.
const maxListing = 32 << 20

// refresh lists a directory, unless the server says that it has not changed.
func (x *Index) refresh(ctx context.Context, at *url.URL, d *directory) error {
	page, from, err := d.page.Fetch(ctx, x.client, at, maxListing)
	switch {
	case errors.Is(err, source.ErrSame):
		return nil
	case err != nil:
		return fmt.Errorf("list: %w", err)
	}
	d.entries = parse(page, from)
	return nil
}

// parse gives what a listing links to directly below itself, in its order. The text between a link and the next is what
// the listing tells of the file: Apache and nginx write date and size there.
func parse(page []byte, at *url.URL) []entry {
	var l listing
	for z := html.NewTokenizer(bytes.NewReader(page)); ; {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			l.finish()
			return l.entries
		case html.TextToken:
			if l.telling {
				l.facts = append(l.facts, strings.Fields(string(z.Text()))...)
			}
		default:
			l.tag(z.Token(), at)
		}
	}
}

// listing is what has been read of one.
type listing struct {
	entries []entry
	current bool // the last entry is the one that is being told of
	telling bool // after its link, and before the next or the end of the list
	facts   []string
}

func (l *listing) finish() {
	if l.current {
		l.entries[len(l.entries)-1].facts = strings.Join(l.facts, " ")
	}
	l.current, l.telling, l.facts = false, false, nil
}

func (l *listing) tag(t html.Token, at *url.URL) {
	starts := t.Type != html.EndTagToken
	switch t.Data {
	case "a":
		if !starts {
			l.telling = l.current
			return
		}
		e, ok := child(href(t), at)
		if again := ok && l.current && l.entries[len(l.entries)-1].name == e.name; again {
			l.telling = false // the second link of a row, after that of its icon
			return
		}
		l.finish()
		if ok {
			l.entries, l.current = append(l.entries, e), true
		}
	case "hr", "address", "footer", "pre", "table", "ul":
		if l.telling { // what follows is the page's foot
			l.finish()
		}
	}
}

func href(token html.Token) string {
	for _, a := range token.Attr {
		if a.Key == "href" {
			return a.Val
		}
	}
	return ""
}

// child gives what a link leads to where that lies directly below the listing: not the parent, another host, or the same
// listing in another order.
func child(link string, at *url.URL) (e entry, ok bool) {
	u, err := at.Parse(link)
	if err != nil || u.Scheme != at.Scheme || u.Host != at.Host || u.RawQuery != "" || u.Fragment != "" {
		return e, false
	}
	name, below := strings.CutPrefix(u.Path, at.Path)
	plain := strings.TrimSuffix(name, "/")
	if !below || plain == "" || plain == "." || plain == ".." || strings.ContainsAny(plain, "/\\\x00\r\n") || source.Ignored(plain) {
		return e, false
	}
	return entry{name: name, url: u, directory: plain != name}, true
}

// period finds a year, month or day at the end of a directory's path: 2026/05/01/, 2026-05-01/ and 20260501/ alike.
var period = regexp.MustCompile(`(?:^|/)(\d{4})(?:[-/]?(\d\d))?(?:[-/]?(\d\d))?/$`)

// endsBefore tells whether the period that a directory's path names was over before a time.
func endsBefore(path string, t time.Time) bool {
	m := period.FindStringSubmatch(path)
	if m == nil {
		return false
	}
	year, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	day, _ := strconv.Atoi(m[3])
	var end time.Time
	switch {
	case year < 1970:
		return false // a number, no year
	case month == 0:
		end = time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC)
	case day == 0:
		end = time.Date(year, time.Month(month)+1, 1, 0, 0, 0, 0, time.UTC)
	default:
		end = time.Date(year, time.Month(month), day+1, 0, 0, 0, 0, time.UTC)
	}
	return end.Before(t)
}
