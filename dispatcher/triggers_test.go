package dispatcher

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/dispatcher/trigger"
	"bowecho/internal/event"
)

// turns gives what became of triggers, as "minute:second name value".
func turns(d *Dispatcher) (list []string) {
	for _, c := range posted[event.Decision](d, "event.trigger.") {
		list = append(list, c.DataTime.Format("04:05 ")+c.Subj+" "+c.Value)
	}
	return list
}

// ask lets Addison be heard at so many minutes past seven.
func ask(d *Dispatcher, minutes ...int) {
	for _, minute := range minutes {
		at := seven.Add(time.Duration(minute) * time.Minute)
		m := scanAt("addison", at)
		m.Pace = 1
		d.hearScan(m, at)
	}
}

func TestAnOpenTriggerTellsWhatItWasAskedOn(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Triggers[0].Floor, cfg.Triggers[0].Priority = new(3), 20
	cfg.Triggers = append(cfg.Triggers, trigger.Rule{Name: "cores", When: `summary.km2_40 > 1 && hour < 9`, Opens: []string{"nowcast"}, Floor: new(5), Priority: 10})
	d := bare(t, cfg)
	if d.open("nowcast") || d.floor("nowcast") != 0 || d.raised("nowcast") != 0 {
		t.Error("before any scan a chain is open")
	}
	ask(d, 10)
	if want := []string{"10:00 storm open", "10:00 cores open"}; !slices.Equal(turns(d), want) {
		t.Errorf("turns %v, want %v", turns(d), want)
	}
	if d.floor("nowcast") != 5 || d.floor("contour") != 3 || d.raised("nowcast") != 20 || d.open("probability") {
		t.Errorf("floors %d and %d, raised by %d; want 5 and 3, and 20", d.floor("nowcast"), d.floor("contour"), d.raised("nowcast"))
	}
	told := posted[event.Decision](d, "event.trigger.")[1]
	values, _ := told.Inputs["values"].(map[string]any)
	if values["hour"] != 7.0 || values["summary.km2_40"] == nil || told.Inputs["floor"] != 5.0 || told.Inputs["onNoData"] != "unknown" {
		t.Errorf("inputs %v, want the values of all that it names, and its rule", told.Inputs)
	}
}

// TestAProductThatDoesNotCome opens a chain whose product never comes, and then comes once.
func TestAProductThatDoesNotCome(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Triggers = append(cfg.Triggers,
		trigger.Rule{Name: "soon", When: `products.nowcast.km2_45 > 5`, Opens: []string{"picture"}},
		trigger.Rule{Name: "held", When: `products.nowcast.km2_45 > 5`, Opens: []string{"picture"}, OnNoData: trigger.Hold})
	d := bare(t, cfg)
	ask(d, 10, 11, 12, 19, 20, 21) // open since 07:10: lost after 07:20
	nowcast := &event.Grid{Product: "nowcast", Key: "k", Domain: dfw, IssueTime: seven.Add(21 * time.Minute),
		Summary: event.Summary{Above: []event.Above{{DBZ: 45, KM2: 9}}}}
	d.hearGrid(nowcast)
	ask(d, 22, 23, 31, 32)
	got := slices.DeleteFunc(turns(d), func(s string) bool { return strings.Contains(s, "storm") })
	want := []string{"21:00 soon unknown", "22:00 soon open", "22:00 held open", "32:00 soon unknown"}
	if !slices.Equal(got, want) {
		t.Errorf("turns %v, want %v", got, want)
	}
	last := posted[event.Decision](d, "event.trigger.")
	if reason := last[len(last)-1].Reason; !strings.Contains(reason, "no nowcast has been made since 07:21:00; its chains are closed") {
		t.Errorf("the reason is %q", reason)
	}
	if !d.open("picture") {
		t.Error("the trigger that holds has closed")
	}
}
