// Package top draws how everything stands as lines of text for a terminal.
package top

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bowecho/internal/event"
	"bowecho/internal/portal/board"
)

// Screen is what to draw on.
type Screen struct {
	Width, Height int  // characters; a height of 0: as many lines as there are
	Colour        bool // the terminal knows ANSI colours
}

// Draw gives the lines of a state at a time of the wall clock, each no wider than the screen.
func (s Screen) Draw(state board.State, now time.Time) []string {
	p := &page{Screen: s, now: now, data: dataTime(state.Clock, now)}
	p.head(state)
	p.weather(state)
	p.radars(state.Radars)
	p.money(state.Spending)
	p.chains(state)
	p.decisions(state.Decisions)
	if s.Height > 0 {
		p.lines = p.lines[:min(len(p.lines), s.Height)]
	}
	return p.lines
}

// dataTime goes on from the newest scan at the pace at which scans come.
func dataTime(c board.Clock, now time.Time) time.Time {
	if c.DataTime.IsZero() || c.Ended {
		return c.DataTime
	}
	return c.DataTime.Add(time.Duration(float64(now.Sub(c.WallTime)) * c.Pace))
}

// page is what has been drawn so far.
type page struct {
	Screen
	now, data time.Time
	lines     []string
}

// The looks, as ANSI has them.
const (
	bold  = "1"
	faint = "2"
	red   = "31"
	green = "32"
	amber = "33"
	blue  = "36"
)

// mark gives a text in a look.
func (p *page) mark(look, text string) string {
	if !p.Colour || text == "" {
		return text
	}
	return "\x1b[" + look + "m" + text + "\x1b[0m"
}

// line adds one, cut to the screen's width.
func (p *page) line(format string, args ...any) {
	p.lines = append(p.lines, cut(fmt.Sprintf(format, args...), p.Width))
}

func (p *page) title(text string) {
	p.line("")
	p.line("%s", p.mark(bold, text))
}

// cut shortens a text to so many characters, of which escape sequences are none. A look that is on is ended.
func cut(text string, width int) string {
	if visible(text) <= width {
		return text
	}
	var b strings.Builder
	shown, marked := 0, false
	for i := 0; i < len(text) && shown < width-1; {
		if look := sequence(text[i:]); look != "" {
			b.WriteString(look)
			marked, i = look != "\x1b[0m", i+len(look)
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		b.WriteRune(r)
		shown, i = shown+1, i+size
	}
	b.WriteString("…")
	if marked {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}

// sequence gives the escape sequence with which a text begins; empty where it does not.
func sequence(text string) string {
	if !strings.HasPrefix(text, "\x1b[") {
		return ""
	}
	return text[:strings.IndexByte(text, 'm')+1]
}

// visible counts the characters of a text that take room.
func visible(text string) (n int) {
	for i := 0; i < len(text); {
		if look := sequence(text[i:]); look != "" {
			i += len(look)
			continue
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		n, i = n+1, i+size
	}
	return n
}

// pad fills a text up to a width; to the right where it is negative, as fmt does, but by what is seen.
func pad(text string, width int) string {
	room := strings.Repeat(" ", max(max(width, -width)-visible(text), 0))
	if width < 0 {
		return text + room
	}
	return room + text
}

func (p *page) head(s board.State) {
	state := "waiting for the first scan"
	if !s.Clock.DataTime.IsZero() {
		pace := fmt.Sprintf("%g times as fast", s.Clock.Pace)
		switch {
		case s.Clock.Ended:
			pace = "ended"
		case s.Clock.Pace == 1:
			pace = "live"
		case s.Clock.Pace == 0:
			pace = "as fast as it goes"
		}
		state = p.data.UTC().Format("2006-01-02 15:04:05Z") + " in the data, " + pace
	}
	left := p.mark(bold, "bowecho") + "  " + state
	right := p.now.UTC().Format("15:04:05Z")
	p.line("%s%s", left, pad(right, p.Width-visible(left)))
	for _, l := range s.Lines {
		if l.Value == event.Down {
			p.line("%s", p.mark(red, fmt.Sprintf("source %s: its server has not answered since %s: %s", l.Source, clock(l.Since), l.Reason)))
		}
	}
	if s.Dead.Count > 0 {
		p.line("%s", p.mark(amber, fmt.Sprintf("%d set aside; `bowecho dead ls` lists them", s.Dead.Count)))
	}
}

func (p *page) weather(s board.State) {
	p.title("WEATHER")
	looks := map[string]string{"convective": red, "stratiform": blue, "clear": green}
	for _, d := range s.Domains {
		regime := board.Regime{Value: "unknown", Reason: "nothing has been decided yet"}
		for _, r := range s.Regimes {
			if r.Domain == d.Name {
				regime = r
			}
		}
		p.line("  %s %s %s  %s", pad(d.Name, -16), pad(p.mark(cmp.Or(looks[regime.Value], faint), regime.Value), -11), since(regime.Since), regime.Reason)
	}
	open := slices.Clone(s.Triggers)
	slices.SortStableFunc(open, func(a, b board.Trigger) int {
		return cmp.Compare(map[bool]int{true: 0, false: 1}[a.Open], map[bool]int{true: 0, false: 1}[b.Open])
	})
	for _, t := range open {
		look := faint
		if t.Open {
			look = amber
		}
		name := "trigger " + t.Name
		if len(s.Domains) > 1 {
			name = t.Name + " in " + t.Domain
		}
		p.line("  %s %s %s  %s", pad(name, -16), pad(p.mark(look, t.Value), -11), since(t.Since), t.Reason)
	}
}

func since(t time.Time) string {
	if t.IsZero() {
		return pad("", 15)
	}
	return "since " + clock(t)
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05Z") }

// radars are told one after the other, as many on a line as there is room for.
func (p *page) radars(list []board.Radar) {
	ok := 0
	for _, r := range list {
		if r.Freshness == "ok" {
			ok++
		}
	}
	p.title(fmt.Sprintf("RADARS  %d of %d ok", ok, len(list)))
	const width = 36
	row := ""
	for _, r := range list {
		look := map[string]string{"ok": green, "late": amber, "silent": red}[r.Freshness]
		age := "no scan yet"
		if !r.LastScan.IsZero() {
			age = fmt.Sprintf("%s of %s", span(p.data.Sub(r.LastScan)), span(time.Duration(r.CadenceS*float64(time.Second))))
		}
		cell := pad(fmt.Sprintf("  %s %s %s", pad(r.Name, -14), pad(p.mark(cmp.Or(look, faint), cmp.Or(r.Freshness, "new")), -6), age), -width)
		if visible(row)+width > p.Width && row != "" {
			p.line("%s", row)
			row = ""
		}
		row += cell
	}
	if row != "" {
		p.line("%s", strings.TrimRight(row, " "))
	}
}

func span(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < 100*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 100*time.Minute:
		return fmt.Sprintf("%.0f min", d.Minutes())
	default:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
}

func (p *page) money(s *event.Spending) {
	p.title("COST")
	if s == nil {
		p.line("  nothing has been counted yet")
		return
	}
	p.line("  %s worker-hours this %s, until %s; %s an hour now, forecast %s", amount(s.Seconds/3600), s.Period, s.Until.UTC().Format("Jan 2 15:04Z"), amount(s.PerHour), amount(s.Forecast))
	if s.Limit == 0 {
		p.line("  spent %s; there is no limit", p.mark(bold, amount(s.Spent)))
		return
	}
	share := s.Spent / s.Limit
	look := green
	switch {
	case share >= 1:
		look = red
	case share >= 0.8:
		look = amber
	}
	const bar = 30
	full := int(min(share, 1) * bar)
	p.line("  spent %s of %s  %s%s %.0f %%  %s remaining", p.mark(bold, amount(s.Spent)), amount(s.Limit),
		p.mark(look, strings.Repeat("█", full)), p.mark(faint, strings.Repeat("░", bar-full)), 100*share, amount(s.Remaining))
	if len(s.Refused) > 0 {
		p.line("  %s", p.mark(red, "the budget is spent: nothing is ordered of "+strings.Join(s.Refused, ", ")))
	}
}

// amount writes money or hours: with four digits that count, as prices of seconds are small.
func amount(v float64) string {
	if v != 0 && v < 100 && v > -100 {
		return fmt.Sprintf("%.4g", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func (p *page) chains(s board.State) {
	p.title("WORK         workers  wanted waiting running dropped    spent forecast  where")
	for _, c := range s.Chains {
		var spent, forecast float64
		var where []string
		if s.Spending != nil {
			for _, row := range s.Spending.Rows {
				if row.Chain != c.Name {
					continue
				}
				spent, forecast = spent+row.Spent, forecast+row.Forecast
				if row.Workers > 0 {
					where = append(where, fmt.Sprintf("%d %s", row.Workers, row.Cloud))
				}
			}
		}
		look := ""
		if c.Now.Workers < c.Now.Target {
			look = amber
		}
		p.line("  %s %7s %7.0f %7.0f %7.0f %7d %8s %8s  %s", pad(c.Name, -11), pad(p.mark(look, fmt.Sprintf("%.0f", c.Now.Workers)), 7), c.Now.Target, c.Now.Waiting, c.Now.Running,
			c.Dropped, amount(spent), amount(forecast), strings.Join(where, ", "))
	}
	if len(s.Chains) == 0 {
		p.line("  no workers: none are needed before the weather calls for them")
	}
}

// leastDecisions are shown where there is no height to fill.
const leastDecisions = 10

func (p *page) decisions(list []*event.Decision) {
	p.title("DECISIONS, newest first; `bowecho explain KIND ID` tells all of one")
	room := leastDecisions
	if p.Height > 0 {
		room = max(p.Height-len(p.lines), 0)
	}
	for _, d := range list[:min(len(list), room)] {
		change := d.Value
		if d.Was != "" {
			change = d.Was + " → " + d.Value
		}
		p.line("  %s  %s  %s  %s  %s", clock(d.Time), p.mark(faint, first(d.ID, 8)), pad(d.Kind+" "+d.Subj, -22), pad(p.mark(bold, change), -22), d.Reason)
	}
}

func first(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n])
}
