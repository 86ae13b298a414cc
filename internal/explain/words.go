package explain

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"bowecho/internal/event"
)

// title says in a sentence what was decided.
func title(d *event.Decision) string {
	in := ""
	if d.Domain != "" && d.Domain != d.Subj {
		in = " in " + d.Domain
	}
	switch d.Kind {
	case event.RegimeChange:
		return fmt.Sprintf("The weather of %s became %s%s", d.Subj, d.Value, was(d))
	case event.TriggerChange:
		verb := map[string]string{"open": "opened", "closed": "closed"}[d.Value]
		if verb == "" {
			verb = "became " + d.Value
		}
		return fmt.Sprintf("Trigger %s %s%s", d.Subj, verb, in)
	case event.OrderMade:
		return fmt.Sprintf("%s was ordered%s for %s: %s", d.Subj, in, clock(d.DataTime), d.Reason)
	case event.OrderRefused:
		return fmt.Sprintf("%s was not ordered%s for %s", d.Subj, in, clock(d.DataTime))
	case event.OrderHeld:
		return fmt.Sprintf("An order of %s%s for %s waits: too many of its kind are in hand", d.Subj, in, clock(d.DataTime))
	case event.OrderHanded:
		return fmt.Sprintf("An order of %s%s for %s was given to workers", d.Subj, in, clock(d.DataTime))
	case event.OrderFailed:
		return fmt.Sprintf("An order of %s%s for %s could not be served, and is set aside", d.Subj, in, clock(d.DataTime))
	case event.OrderDropped:
		return fmt.Sprintf("An order of %s%s for %s was dropped", d.Subj, in, clock(d.DataTime))
	case event.WorkDone:
		return fmt.Sprintf("An order of %s%s for %s was done", d.Subj, in, clock(d.DataTime))
	case event.Scaling:
		return fmt.Sprintf("Chain %s shall have %s, after %s", d.Subj, workers(d.Value), d.Was)
	case event.FleetStatus:
		return fmt.Sprintf("Chain %s has %s, after %s", d.Subj, workers(d.Value), d.Was)
	case event.FreshnessChange:
		return fmt.Sprintf("Radar %s became %s%s", d.Subj, d.Value, was(d))
	case event.Budget:
		whose := "The budget"
		if d.Subj != "all" {
			whose = "The limit of chain " + d.Subj
		}
		if d.Value == "lifted" {
			return whose + " is no longer spent"
		}
		return whose + " is spent to " + d.Value
	case event.ConfigChange:
		return fmt.Sprintf("The config of the %s was read again, and %s", d.Subj, d.Value)
	case event.CloudChange:
		return fmt.Sprintf("Cloud %s is %s%s", d.Subj, d.Value, was(d))
	case event.WarningChange:
		return fmt.Sprintf("A %s of feed %s has %s%s", d.Subj, text(d.Inputs["feed"]), d.Value, in)
	case event.LineChange:
		return fmt.Sprintf("The server of source %s is %s", d.Subj, d.Value)
	case event.SourceDone:
		return fmt.Sprintf("Source %s has ended", d.Subj)
	}
	return fmt.Sprintf("%s %s%s: %s%s", d.Kind, d.Subj, in, d.Value, was(d))
}

func was(d *event.Decision) string {
	if d.Was == "" {
		return ""
	}
	return ", and was " + d.Was
}

func workers(count string) string {
	if count == "1" {
		return "1 worker"
	}
	return count + " workers"
}

// terms gives all inputs of a decision, one a line: those of a map or list in it by their path.
func terms(d *event.Decision) []Term {
	list := []Term{}
	for _, name := range slices.Sorted(maps.Keys(d.Inputs)) {
		list = append(list, flat(name, d.Inputs[name])...)
	}
	return list
}

func flat(name string, value any) (list []Term) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			list = append(list, flat(name+"."+key, v[key])...)
		}
		return list
	case []any:
		if slices.ContainsFunc(v, func(one any) bool { _, nested := one.(map[string]any); return nested }) {
			for i, one := range v {
				list = append(list, flat(fmt.Sprintf("%s[%d]", name, i), one)...)
			}
			return list
		}
	}
	return []Term{{name, text(value)}}
}

// text writes a value as a person reads it.
func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return t.UTC().Format("2006-01-02 15:04:05Z")
		}
		return v
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e9 {
			return fmt.Sprintf("%.0f", v)
		}
		return fmt.Sprintf("%.4g", v)
	case []any:
		parts := make([]string, len(v))
		for i, one := range v {
			parts[i] = text(one)
		}
		return strings.Join(parts, ", ")
	}
	data, _ := json.Marshal(value)
	return string(data)
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05Z") }

// seconds writes a length of time with as much as matters.
func seconds(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// Text gives the whole as lines for a terminal.
func (x *Explanation) Text() string {
	var b strings.Builder
	d := x.Decision
	fmt.Fprintf(&b, "%s\n", x.Title)
	fmt.Fprintf(&b, "  %s", d.Time.UTC().Format("2006-01-02 15:04:05Z"))
	if !d.DataTime.IsZero() && d.DataTime.Sub(d.Time).Abs() > time.Minute {
		fmt.Fprintf(&b, ", %s in the data", d.DataTime.UTC().Format("2006-01-02 15:04:05Z"))
	}
	fmt.Fprintf(&b, ", %s %s\n", d.Kind, d.ID)
	if x.State != "" {
		fmt.Fprintf(&b, "  state   %s\n", x.State)
	}
	fmt.Fprintf(&b, "  why     %s\n", d.Reason)
	width := 0
	for _, t := range x.Inputs {
		width = max(width, len(t.Name))
	}
	if len(x.Inputs) > 0 {
		b.WriteString("\nFrom\n")
	}
	for _, t := range x.Inputs {
		fmt.Fprintf(&b, "  %-*s  %s\n", width, t.Name, t.Value)
	}
	for _, part := range []struct {
		title string
		steps []Happening
	}{{"What led to it", x.Before}, {"What followed", x.After}} {
		if len(part.steps) > 0 {
			fmt.Fprintf(&b, "\n%s\n", part.title)
		}
		for _, s := range part.steps {
			fmt.Fprintf(&b, "  %s  %-12s %-8.8s  %s\n", clock(s.Time), s.Kind, s.ID, s.Text)
		}
	}
	return b.String()
}
