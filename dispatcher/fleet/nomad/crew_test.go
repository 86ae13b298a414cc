package nomad

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/lease"
	"bowecho/internal/release"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/nomad/api"
)

func TestWhoMayWork(t *testing.T) {
	list := []*api.AllocationListStub{
		{ID: "runs", ClientStatus: "running", DesiredStatus: "run"},
		{ID: "finishes", ClientStatus: "running", DesiredStatus: "stop"},
		{ID: "begins", ClientStatus: "pending", DesiredStatus: "run"},
		{ID: "never began", ClientStatus: "pending", DesiredStatus: "stop"},
		{ID: "done", ClientStatus: "complete", DesiredStatus: "stop"},
		{ID: "failed", ClientStatus: "failed", DesiredStatus: "run", TaskStates: map[string]*api.TaskState{"work": {Events: []*api.TaskEvent{
			{Type: api.TaskTerminated, DisplayMessage: "Exit Code: 137"}, {Type: api.TaskKilled, DisplayMessage: "killed"}}}}},
		{ID: "lost", ClientStatus: "lost", DesiredStatus: "stop", DesiredDescription: "alloc is lost since its node is down"},
	}
	now := time.Date(2017, 3, 29, 7, 10, 0, 0, time.UTC)
	c := crew{reports: map[string]report{}}
	for _, worker := range []string{"runs", "finishes", "lost"} {
		c.report(worker, release.Version, now.Add(-time.Hour))
	}
	c.report("of another time", release.Version, now.Add(-time.Hour))
	c.report("begins", release.Version, now)
	c.report("not yet seen", release.Version, now)
	ended, over := c.hear(list, now)
	if diff := cmp.Diff(lease.List{Workers: []string{"begins", "runs"}}, c.list()); diff != "" || c.alive() != 2 {
		t.Errorf("%d run, want 2; listed (-want +got):\n%s", c.alive(), diff)
	}
	slices.Sort(over)
	if diff := cmp.Diff([]string{"lost", "of another time"}, over); diff != "" {
		t.Errorf("forgotten (-want +got):\n%s", diff)
	}
	want := []end{{"failed", "failed", "Exit Code: 137"}, {"lost", "lost", "alloc is lost since its node is down"}}
	if diff := cmp.Diff(want, ended, cmp.AllowUnexported(end{})); diff != "" {
		t.Errorf("ended (-want +got):\n%s", diff)
	}
	if again, _ := c.hear(list, now); len(again) != 0 {
		t.Errorf("told again of %v", again)
	}
}

func TestWhoIsOfAnotherReleaseIsRefused(t *testing.T) {
	c := crew{reports: map[string]report{}}
	c.hear([]*api.AllocationListStub{
		{ID: "new", ClientStatus: "running", DesiredStatus: "run"}, {ID: "old", ClientStatus: "running", DesiredStatus: "run"},
		{ID: "silent", ClientStatus: "running", DesiredStatus: "run"},
	}, time.Now())
	c.report("new", release.Version, time.Now())
	if why := c.lacking(); why != "" {
		t.Errorf("lacking: %s", why)
	}
	c.report("old", "0.1", time.Now())
	l := c.list()
	if !slices.Equal(l.Workers, []string{"new"}) || len(l.Refused) != 1 || !strings.Contains(l.Refused["old"], "release 0.1") || c.alive() != 1 {
		t.Errorf("listed %+v, %d alive; want new alone, and old told why", l, c.alive())
	}
	if why := c.lacking(); !strings.Contains(why, "0.1") {
		t.Errorf("lacking: %q, want a word on the release", why)
	}
	c.report("newer", release.Version, time.Now())
	if why := c.lacking(); why != "" {
		t.Errorf("lacking, though one of our release has come: %s", why)
	}
}

func TestNobodyIsNamedBeforeAllHaveTold(t *testing.T) {
	f := &Fleet{heard: map[string]*crew{"mosaic": {reports: map[string]report{}}}, changed: make(chan struct{}, 1)}
	c := f.heard["mosaic"]
	c.report("one", release.Version, time.Now())
	for step, tell := range []func(){
		func() {
			c.hear([]*api.AllocationListStub{{ID: "one", ClientStatus: "running", DesiredStatus: "run"}}, time.Now())
		},
		func() { f.reported = true },
	} {
		if lists := f.lists(); len(lists) != 0 {
			t.Errorf("step %d: %+v would stop whom nobody has told of yet", step, lists)
		}
		tell()
	}
	if lists := f.lists(); len(lists["mosaic"].Workers) != 1 {
		t.Errorf("%+v, want the one worker", lists)
	}
}

func TestWhatIsLacking(t *testing.T) {
	because := func(m *api.AllocationMetric) []*api.Evaluation {
		return []*api.Evaluation{{Status: "complete"}, {Status: "blocked", FailedTGAllocs: map[string]*api.AllocationMetric{"workers": m}}}
	}
	for want, list := range map[string][]*api.Evaluation{
		"":                     {{Status: "complete"}, {Status: "canceled"}},
		"Nomad finds no place": {{Status: "blocked"}},
		"of 2 machines: cpu used up on 1, memory used up on 1": because(&api.AllocationMetric{NodesEvaluated: 2, DimensionExhausted: map[string]int{"memory": 1, "cpu": 1}}),
		`of 3 machines: "missing drivers" not met by 3`:        because(&api.AllocationMetric{NodesEvaluated: 3, ConstraintFiltered: map[string]int{"missing drivers": 3}}),
		"none of 0 machines is there to take one":              because(&api.AllocationMetric{}),
	} {
		if got := blocked(list); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestVariablesAreTextAsItIs(t *testing.T) {
	f := &Fleet{prefix: "bowecho-a-", sizes: map[string]Size{"mosaic": {CPUMHz: 1500}}, cfg: Config{NATS: `nats://a"b\c@h:4222`, Variables: map[string]string{"image": "x:${1}", "more": "%{if}\n", "cpu": "1000"}}}
	want := `chain = "mosaic"
cpu = "1500"
image = "x:$${1}"
job = "bowecho-a-mosaic"
more = "%%{if}\n"
nats_url = "nats://a\"b\\c@h:4222"
release = "devel"
`
	if diff := cmp.Diff(want, f.variables("mosaic")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
