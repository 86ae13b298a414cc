package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bowecho/dispatcher"
	"bowecho/internal/config"
	"bowecho/internal/event"
	"bowecho/internal/mistake"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/spf13/cobra"
)

// triggerTests is a file of tests: what is seen over time, and how triggers must stand then.
type triggerTests struct {
	Config string        `yaml:"config"` // beside this file; empty: the defaults
	Tests  []triggerTest `yaml:"tests"`
}

type triggerTest struct {
	Name     string        `yaml:"name"`
	Domain   string        `yaml:"domain"` // empty: the config's first
	Start    time.Time     `yaml:"start"`
	Scans    []scanSeries  `yaml:"scans"`
	Products []gridSeries  `yaml:"products"`
	Warnings []warningAt   `yaml:"warnings"`
	Queues   []queueAt     `yaml:"queues"`
	Expect   []expectation `yaml:"expect"`
}

// Series is when something comes, from the start on: once, or again and again.
type Series struct {
	From  time.Duration `yaml:"from"`
	To    time.Duration `yaml:"to"`    // 0: once
	Every time.Duration `yaml:"every"` // 0: each minute
}

// scanSeries is what a radar announces.
type scanSeries struct {
	Series  `yaml:",inline"`
	Radar   string `yaml:"radar"`
	Summary Shows  `yaml:"summary"`
}

// gridSeries is what a product shows.
type gridSeries struct {
	Series  `yaml:",inline"`
	Product string            `yaml:"product"`
	Summary gridShows         `yaml:"summary"`
	Leads   map[int]gridShows `yaml:"leads"` // by minutes ahead
}

// gridShows is what a product shows at one lead time.
type gridShows struct {
	Shows   `yaml:",inline"`
	Largest float64 `yaml:"largest"` // in its units
}

// warningAt is a warning for the whole domain, in force from a time to another.
type warningAt struct {
	From      time.Duration `yaml:"from"`
	To        time.Duration `yaml:"to"`
	Feed      string        `yaml:"feed"`
	Event     string        `yaml:"event"`
	Severity  string        `yaml:"severity"`
	Urgency   string        `yaml:"urgency"`
	Certainty string        `yaml:"certainty"`
}

func (w warningAt) warning(cfg Config, d DomainConfig, start, now time.Time) event.Warning {
	m := event.Warning{
		V: event.Version, ID: event.ID(w.Feed, w.Event, w.From.String()), Feed: w.Feed, Event: w.Event, Severity: w.Severity, Urgency: w.Urgency,
		Certainty: w.Certainty, Status: event.Actual, Sent: now, Onset: now, Expires: start.Add(w.To), Heard: now,
	}
	for _, domain := range cfg.domains() {
		if domain.Name == d.Name {
			all := orb.Bound{Min: orb.Point{domain.WestDeg, domain.SouthDeg()}, Max: orb.Point{domain.EastDeg(), domain.NorthDeg}}
			m.Area = geojson.NewGeometry(all.ToPolygon())
		}
	}
	return m
}

type queueAt struct {
	From    time.Duration `yaml:"from"`
	Chain   string        `yaml:"chain"`
	Waiting int           `yaml:"waiting"`
	Age     time.Duration `yaml:"age"` // for how long the oldest has waited
}

// Shows is a summary as it is written in a test.
type Shows struct {
	MaxDBZ       float64 `yaml:"max_dbz"`
	EchoFraction float64 `yaml:"echo_fraction"`
	Cells        int     `yaml:"cells"`
	KM2At20      float64 `yaml:"km2_20"`
	KM2At35      float64 `yaml:"km2_35"`
	KM2At40      float64 `yaml:"km2_40"`
	KM2At45      float64 `yaml:"km2_45"`
	KM2At55      float64 `yaml:"km2_55"`
}

func (n Shows) summary() event.Summary {
	return event.Summary{Gates: 1, MaxDBZ: n.MaxDBZ, EchoFraction: n.EchoFraction, Cells: n.Cells, Above: []event.Above{
		{DBZ: 20, KM2: n.KM2At20}, {DBZ: 35, KM2: n.KM2At35}, {DBZ: 40, KM2: n.KM2At40}, {DBZ: 45, KM2: n.KM2At45}, {DBZ: 55, KM2: n.KM2At55},
	}}
}

// expectation is how a domain must stand at a time; what is not named may be anything.
type expectation struct {
	At       time.Duration     `yaml:"at"`
	Regime   string            `yaml:"regime"`
	Triggers map[string]string `yaml:"triggers"` // open, closed or unknown
	Open     *[]string         `yaml:"open"`     // exactly these chains
}

// failure is an expectation that does not hold.
type failure struct {
	Test string    `json:"test"`
	Time time.Time `json:"time"`
	What string    `json:"what"`
	Got  string    `json:"got"`
	Want string    `json:"want"`
}

func triggersTestCommand() *cobra.Command {
	var file string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "test FILE...",
		Short:   "Run tests of triggers: what is seen over time, and how they must stand",
		Example: "  bowecho triggers test deploy/config/triggers_test.yaml",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			failures, count := []failure{}, 0
			for _, path := range files {
				failed, tests, err := tryTriggers(path, file)
				if err != nil {
					return err
				}
				failures, count = append(failures, failed...), count+tests
			}
			if asJSON {
				if err := writeJSON("-", map[string]any{"tests": count, "failures": failures}); err != nil {
					return err
				}
			} else {
				for _, f := range failures {
					fmt.Printf("FAIL %s, at %s: %s is %s, want %s\n", f.Test, f.Time.Format("15:04:05"), f.What, f.Got, f.Want)
				}
			}
			if len(failures) > 0 {
				return fmt.Errorf("%d of the expectations of %d tests do not hold", len(failures), count)
			}
			if !asJSON {
				fmt.Printf("ok: %d tests\n", count)
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&file, "config", "c", "", "YAML file whose triggers are tested, instead of the one that the tests name")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// tryTriggers runs the tests of a file.
func tryTriggers(path, configFile string) (failures []failure, tests int, err error) {
	var file triggerTests
	if err := config.Load(path, &file); err != nil {
		return nil, 0, usageError{err}
	}
	if configFile == "" && file.Config != "" {
		configFile = filepath.Join(filepath.Dir(path), file.Config)
	}
	cfg, err := loadConfig(configFile)
	if err != nil {
		return nil, 0, err
	}
	if err := config.Load(path, &triggerTests{}, func() error { return file.check(cfg) }); err != nil {
		return nil, 0, usageError{err}
	}
	for _, t := range file.Tests {
		failed, err := t.run(cfg)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: test %s: %w", path, t.Name, err)
		}
		failures = append(failures, failed...)
	}
	return failures, len(file.Tests), nil
}

// check tells all that is wrong with tests.
func (f triggerTests) check(cfg Config) error {
	var errs []error
	needs, _ := cfg.Dispatcher.Needs()
	for i, t := range f.Tests {
		wrong := func(path, format string, values ...any) {
			errs = append(errs, &mistake.Mistake{Path: fmt.Sprintf("tests[%d]%s", i, path), Text: fmt.Sprintf(format, values...)})
		}
		if t.Start.IsZero() {
			wrong("", "test %s has no start, want a time like 2017-03-29T07:00:00Z", t.Name)
		}
		if _, err := t.domain(cfg); err != nil {
			wrong(".domain", "%v", err)
		}
		if len(t.Expect) == 0 {
			wrong("", "test %s expects nothing", t.Name)
		}
		for j, e := range t.Expect {
			for name, state := range e.Triggers {
				at := fmt.Sprintf(".expect[%d].triggers.%s", j, name)
				if _, known := needs[name]; !known {
					wrong(at, "there is no trigger %s%s", name, mistake.Proposal(name, sortedKeys(needs)))
				}
				if states := []string{"closed", "open", "unknown"}; !slices.Contains(states, state) {
					wrong(at, "a trigger is never %q, want closed, open or unknown%s", state, mistake.Proposal(state, states))
				}
			}
		}
		for j, q := range t.Queues {
			if _, known := cfg.Dispatcher.Chains[q.Chain]; !known {
				wrong(fmt.Sprintf(".queues[%d].chain", j), "there is no chain %q%s", q.Chain, mistake.Proposal(q.Chain, sortedKeys(cfg.Dispatcher.Chains)))
			}
		}
	}
	return errors.Join(errs...)
}

func (t triggerTest) domain(cfg Config) (DomainConfig, error) {
	names := []string{}
	for _, d := range cfg.Domains {
		if t.Domain == "" || d.Name == t.Domain {
			return d, nil
		}
		names = append(names, d.Name)
	}
	return DomainConfig{}, fmt.Errorf("there is no domain %q%s", t.Domain, mistake.Proposal(t.Domain, names))
}

// happening is something at a time from a test's start.
type happening struct {
	at time.Duration
	do func(*dispatcher.Rehearsal)
}

// run plays a test, and gives the expectations that do not hold.
func (t triggerTest) run(cfg Config) (failures []failure, err error) {
	domain, err := t.domain(cfg)
	if err != nil {
		return nil, err
	}
	r, err := dispatcher.Rehearse(cfg.Dispatcher, cfg.domains(), t.Start)
	if err != nil {
		return nil, err
	}
	all := t.happenings(cfg, domain)
	for _, e := range t.Expect { // after all else at the same time
		all = append(all, happening{e.At, func(r *dispatcher.Rehearsal) {
			failures = append(failures, e.compare(t.Name, r.Now(), r.Standing(domain.Name))...)
		}})
	}
	slices.SortStableFunc(all, func(a, b happening) int { return cmp.Compare(a.at, b.at) })
	for _, h := range all {
		r.Pass(t.Start.Add(h.at))
		h.do(r)
		r.Look()
	}
	return failures, nil
}

func (t triggerTest) happenings(cfg Config, d DomainConfig) (all []happening) {
	for _, s := range t.Scans {
		for _, at := range s.times() {
			all = append(all, happening{at, func(r *dispatcher.Rehearsal) {
				id := event.ID(s.Radar, r.Now().String())
				r.Hear(event.Scan{
					V: event.Version, ID: id, Key: id, Radar: s.Radar, Time: r.Now(), End: r.Now(), LatitudeDeg: d.Centre[1], LongitudeDeg: d.Centre[0],
					RangeM: 60_000, Elevations: []float64{1}, Summary: s.Summary.summary(),
				})
			}})
		}
	}
	for _, s := range t.Products {
		for _, at := range s.times() {
			all = append(all, happening{at, func(r *dispatcher.Rehearsal) { r.HearGrid(s.grid(cfg, d, r.Now())) }})
		}
	}
	for _, w := range t.Warnings {
		all = append(all, happening{w.From, func(r *dispatcher.Rehearsal) { r.Warn(w.warning(cfg, d, t.Start, r.Now())) }})
	}
	for _, q := range t.Queues {
		all = append(all, happening{q.From, func(r *dispatcher.Rehearsal) { r.Wait(q.Chain, q.Waiting, q.Age) }})
	}
	return all
}

func (s gridSeries) grid(cfg Config, d DomainConfig, at time.Time) event.Grid {
	id := event.ID(s.Product, at.String())
	m := event.Grid{V: event.Version, ID: id, Key: id, Product: s.Product, IssueTime: at, Summary: s.Summary.summary()}
	for _, domain := range cfg.domains() {
		if domain.Name == d.Name {
			m.Domain = domain
		}
	}
	leads := map[int]gridShows{0: s.Summary}
	maps.Copy(leads, s.Leads)
	for _, minutes := range slices.Sorted(maps.Keys(leads)) {
		m.LeadMinutes, m.Leads = append(m.LeadMinutes, float64(minutes)), append(m.Leads, leads[minutes].summary())
		m.Largest = append(m.Largest, leads[minutes].Largest)
	}
	return m
}

// times gives when a series comes.
func (s Series) times() (list []time.Duration) {
	every := cmp.Or(max(s.Every, 0), time.Minute)
	for at := s.From; at <= max(s.To, s.From); at += every {
		list = append(list, at)
	}
	return list
}

// compare gives what differs from how a domain stands.
func (e expectation) compare(test string, now time.Time, is dispatcher.Standing) (failures []failure) {
	differs := func(what, got, want string) {
		if got != want {
			failures = append(failures, failure{test, now, what, got, want})
		}
	}
	if e.Regime != "" {
		differs("the regime", string(is.Regime), e.Regime)
	}
	for _, name := range sortedKeys(e.Triggers) {
		differs("trigger "+name, is.Triggers[name], e.Triggers[name])
	}
	if e.Open != nil {
		want := slices.Sorted(slices.Values(*e.Open))
		list := func(chains []string) string { return "[" + strings.Join(chains, ", ") + "]" }
		differs("open", list(is.Chains), list(want))
	}
	return failures
}
