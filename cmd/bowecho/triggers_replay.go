package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"bowecho/dispatcher"
	"bowecho/dispatcher/demand"
	"bowecho/ingest"
	"bowecho/internal/event"
	"bowecho/internal/report"
	"bowecho/internal/stream"

	"github.com/spf13/cobra"
)

// triggersReplay is what would have been done with weather that was recorded.
type triggersReplay struct {
	dir, config, against, data string
	from, to                   string
	full, json                 bool
}

// replayed is what one config makes of the weather.
type replayed struct {
	Config string `json:"config"`
	dispatcher.Played
	Cost    *float64         `json:"cost,omitempty"` // of the workers' time at the cheapest cloud that may run each chain
	Costs   string           `json:"costs"`          // where the predictions of what orders take come from
	Skipped []ingest.NotRead `json:"skipped"`
	Report  *report.Report   `json:"report,omitempty"` // of the whole run
}

func triggersReplayCommand() *cobra.Command {
	var r triggersReplay
	cmd := &cobra.Command{
		Use:   "replay DIR | --from TIME --to TIME",
		Short: "Tell which triggers would have opened when, and what that would have cost",
		Long: `Tell which triggers would have opened when on recorded weather, what would have been ordered and what that would have cost.
The weather is that of the radar files and warnings below DIR, or what a running bowecho has announced between two times.
Warnings count for the feed that is named like the folder they lie in, from when they were sent. Nothing is processed:
orders take the time that is predicted for them. --full runs the whole system on the files instead, and tells notices, too.`,
		Example: `  bowecho triggers replay recordings/2017-03-29 -c bowecho.yaml
  bowecho triggers replay recordings/2017-03-29 -c bowecho.yaml --against other.yaml
  bowecho triggers replay --from 2026-05-01T18:00:00Z --to 2026-05-01T21:00:00Z -c bowecho.yaml --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				r.dir = args[0]
			}
			if (r.dir == "") == (r.from == "" && r.to == "") {
				return usageError{errors.New("want a folder, or --from and --to; see `bowecho triggers replay --help`")}
			}
			if r.full && r.dir == "" {
				return usageError{errors.New("--full runs the system on files: want a folder")}
			}
			return r.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&r.config, "config", "c", "", "YAML file; without one the defaults serve")
	flags.StringVar(&r.against, "against", "", "YAML file to compare with")
	flags.StringVar(&r.data, "data", "", "data directory of a bowecho, running or stopped: where --from and --to look, and what orders took (default with those: the config's)")
	flags.StringVar(&r.from, "from", "", "begin, like 2026-05-01T18:00:00Z, of what a bowecho has announced")
	flags.StringVar(&r.to, "to", "", "end of it")
	flags.BoolVar(&r.full, "full", false, "run the whole system on the files, as fast as it goes")
	flags.BoolVar(&r.json, "json", false, "as JSON")
	return cmd
}

func (r *triggersReplay) run(ctx context.Context) error {
	files := []string{r.config}
	if r.against != "" {
		files = append(files, r.against)
	}
	configs := make([]Config, len(files))
	for i, file := range files {
		var err error
		if configs[i], err = loadConfig(file); err != nil {
			return err
		}
	}
	weather, costs, skipped, err := r.weather(ctx, configs[0])
	if err != nil {
		return err
	}
	if len(weather.Scans) == 0 {
		return errors.New("no scans: " + reasons(skipped))
	}
	results := []replayed{}
	for i, cfg := range configs {
		one := replayed{Config: cmp.Or(files[i], "defaults"), Costs: "2 s are taken for each order, for nothing has been learnt", Skipped: skipped}
		if len(costs) > 0 {
			one.Costs = "learnt from what orders took"
		}
		if one.Played, err = dispatcher.Play(cfg.Dispatcher, cfg.domains(), costs, weather); err != nil {
			return err
		}
		one.Cost = cfg.price(one.WorkerSeconds)
		if r.full {
			if one.Report, err = r.whole(ctx, files[i]); err != nil {
				return err
			}
		}
		results = append(results, one)
	}
	if r.json {
		return writeJSON("-", results)
	}
	return printReplayed(results)
}

// weather gives the weather that was recorded, and what is known of what orders take.
func (r *triggersReplay) weather(ctx context.Context, cfg Config) (weather dispatcher.Recorded, costs map[string]*demand.Cost, skipped []ingest.NotRead, err error) {
	if r.dir != "" {
		bar := newProgress("files")
		var files ingest.Recording
		files, err = ingest.Recorded(ctx, r.dir, bar.show)
		bar.end()
		weather.Scans, weather.Warnings, skipped = files.Scans, files.Warnings, files.Not
	}
	if err != nil || r.dir != "" && r.data == "" {
		return weather, nil, skipped, err
	}
	cfg.Data = cmp.Or(r.data, cfg.Data)
	c, err := openAny(ctx, cfg)
	if err != nil {
		return weather, nil, nil, err
	}
	defer c.close()
	if costs, err = dispatcher.Costs(ctx, c.client); err == nil && r.dir == "" {
		weather, err = r.announced(ctx, c.client)
	}
	return weather, costs, skipped, err
}

// announced reads the scans and grids of a time that a bowecho has announced, and the warnings up to its end: some of
// before may be in force.
func (r *triggersReplay) announced(ctx context.Context, client *stream.Client) (weather dispatcher.Recorded, err error) {
	from, errFrom := time.Parse(time.RFC3339, r.from)
	to, errTo := time.Parse(time.RFC3339, r.to)
	if errFrom != nil || errTo != nil || !to.After(from) {
		return weather, usageError{fmt.Errorf("--from is %q and --to %q, want two times like 2026-05-01T18:00:00Z, the second after the first", r.from, r.to)}
	}
	within := func(t time.Time) bool { return !t.Before(from) && !t.After(to) }
	err = client.Each(ctx, stream.Scans, "", time.Time{}, func(m stream.Message) error {
		s, err := event.Decode[event.Scan](m.Data)
		if err == nil && within(s.Time) {
			weather.Scans = append(weather.Scans, *s)
		}
		return err
	})
	if err != nil {
		return weather, err
	}
	err = client.Each(ctx, stream.Grids, "", time.Time{}, func(m stream.Message) error {
		if strings.HasPrefix(m.Subject, "grid.picture.") {
			return nil
		}
		g, err := event.Decode[event.Grid](m.Data)
		if err == nil && within(g.IssueTime) {
			weather.Grids = append(weather.Grids, *g)
		}
		return err
	})
	if err != nil {
		return weather, err
	}
	err = client.Each(ctx, stream.Warnings, "", time.Time{}, func(m stream.Message) error {
		w, err := event.Decode[event.Warning](m.Data)
		if err == nil && !w.Sent.After(to) {
			weather.Warnings = append(weather.Warnings, *w)
		}
		return err
	})
	return weather, err
}

// whole runs the system on the files as fast as it goes, in a folder that is removed, and gives what it did.
func (r *triggersReplay) whole(ctx context.Context, file string) (*report.Report, error) {
	dir, err := os.MkdirTemp("", "bowecho-")
	if err != nil {
		return nil, fmt.Errorf("make a data directory: %w", err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "report.json")
	run := runFlags{config: file, data: dir, listen: "none", report: path, untilIdle: true, quiet: true, from: "replay:" + r.dir, speed: 0}
	if err := run.run(ctx); err != nil {
		return nil, err
	}
	return readJSON[report.Report](path)
}

// price gives what workers' time costs at the cheapest cloud that may run each chain; nothing without clouds.
func (c Config) price(seconds map[string]float64) *float64 {
	if len(c.Clouds) == 0 {
		return nil
	}
	sum := 0.0
	for chain, s := range seconds {
		cheapest, found := 0.0, false
		for _, cloud := range c.Clouds {
			if may := len(cloud.Chains) == 0 || slices.Contains(cloud.Chains, chain); may && (!found || cloud.PricePerHour < cheapest) {
				cheapest, found = cloud.PricePerHour, true
			}
		}
		sum += s / 3600 * cheapest
	}
	return &sum
}

func reasons(skipped []ingest.NotRead) string {
	if len(skipped) == 0 {
		return "none were announced then"
	}
	return fmt.Sprintf("%s: %s", skipped[0].File, skipped[0].Reason)
}

func printReplayed(results []replayed) error {
	first := results[0]
	fmt.Printf("%d scans and %d warnings from %s to %s\n", first.Scans, first.Warnings, first.From.UTC().Format("2006-01-02 15:04:05Z"), first.To.UTC().Format("15:04:05Z"))
	for _, s := range first.Skipped {
		fmt.Printf("not read: %s: %s\n", s.File, s.Reason)
	}
	for _, one := range results {
		if len(results) > 1 {
			fmt.Printf("\n%s\n", one.Config)
		}
		if err := one.print(); err != nil {
			return err
		}
	}
	if len(results) > 1 {
		return printDifference(results[0], results[1])
	}
	return nil
}

func (one replayed) print() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\ntime\tdomain\twhat\tbecomes\twhy")
	for _, m := range one.Turns {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.DataTime.Format("15:04:05"), m.Domain, turning(m), m.Value, m.Reason)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nchain\torders\tdropped\twork s\tworker s\t")
	for _, chain := range sortedKeys(one.WorkerSeconds) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%.0f\t%.0f\t\n", chain, one.Orders[chain], one.Dropped[chain], one.WorkSeconds[chain], one.WorkerSeconds[chain])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Printf("of work: %s\n", one.Costs)
	if one.Cost != nil {
		fmt.Printf("cost: %.2f\n", *one.Cost)
	}
	if one.Report == nil {
		fmt.Println("notices: not told, for nothing was processed; --full runs the whole system")
		return nil
	}
	fmt.Printf("the whole run: %d notices, %d areas, %d orders dropped\n", one.Report.Counts.Notices, one.Report.Counts.Areas, one.Report.Counts.Dropped)
	for _, place := range sortedKeys(one.Report.NoticesOf) {
		fmt.Printf("  %s: %d\n", place, one.Report.NoticesOf[place])
	}
	return nil
}

// turning names what turns.
func turning(m event.Decision) string {
	switch m.Kind {
	case event.RegimeChange:
		return "regime"
	case event.WarningChange:
		return m.Subj
	}
	return "trigger " + m.Subj
}

// printDifference tells what the second config does otherwise.
func printDifference(a, b replayed) error {
	fmt.Printf("\ndifference, from %s to %s\n", a.Config, b.Config)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	line := func(m event.Decision) string {
		return fmt.Sprintf("%s\t%s\t%s\t%s", m.DataTime.Format("15:04:05"), m.Domain, turning(m), m.Value)
	}
	inB := map[string]bool{}
	for _, m := range b.Turns {
		inB[line(m)] = true
	}
	all := map[string]string{}
	for _, m := range a.Turns {
		if l := line(m); !inB[l] {
			all[l] = "-"
		}
		delete(inB, line(m))
	}
	for l := range inB {
		all[l] = "+"
	}
	for _, l := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(w, "%s\t%s\n", all[l], l)
	}
	for _, chain := range sortedKeys(a.WorkerSeconds, b.WorkerSeconds) {
		fmt.Fprintf(w, "\tchain %s\torders %+d\twork s %+.0f\tworker s %+.0f\n", chain, b.Orders[chain]-a.Orders[chain],
			b.WorkSeconds[chain]-a.WorkSeconds[chain], b.WorkerSeconds[chain]-a.WorkerSeconds[chain])
	}
	if a.Cost != nil && b.Cost != nil {
		fmt.Fprintf(w, "\tcost %+.2f\n", *b.Cost-*a.Cost)
	}
	if a.Report != nil && b.Report != nil {
		fmt.Fprintf(w, "\tnotices %+d\n", b.Report.Counts.Notices-a.Report.Counts.Notices)
	}
	return w.Flush()
}
