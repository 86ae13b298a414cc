package nomad

import (
	"testing"

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
	var c crew
	ended := c.hear(list)
	if diff := cmp.Diff([]string{"begins", "runs"}, c.named); diff != "" || c.running != 2 {
		t.Errorf("%d run, want 2; named (-want +got):\n%s", c.running, diff)
	}
	want := []end{{"failed", "failed", "Exit Code: 137"}, {"lost", "lost", "alloc is lost since its node is down"}}
	if diff := cmp.Diff(want, ended, cmp.AllowUnexported(end{})); diff != "" {
		t.Errorf("ended (-want +got):\n%s", diff)
	}
	if again := c.hear(list); len(again) != 0 {
		t.Errorf("told again of %v", again)
	}
}

func TestWhatIsLacking(t *testing.T) {
	blocked := func(m *api.AllocationMetric) []*api.Evaluation {
		return []*api.Evaluation{{Status: "complete"}, {Status: "blocked", FailedTGAllocs: map[string]*api.AllocationMetric{"workers": m}}}
	}
	for want, list := range map[string][]*api.Evaluation{
		"":                     {{Status: "complete"}, {Status: "canceled"}},
		"Nomad finds no place": {{Status: "blocked"}},
		"of 2 machines: cpu used up on 1, memory used up on 1": blocked(&api.AllocationMetric{NodesEvaluated: 2, DimensionExhausted: map[string]int{"memory": 1, "cpu": 1}}),
		`of 3 machines: "missing drivers" not met by 3`:        blocked(&api.AllocationMetric{NodesEvaluated: 3, ConstraintFiltered: map[string]int{"missing drivers": 3}}),
		"none of 0 machines is there to take one":              blocked(&api.AllocationMetric{}),
	} {
		if got := lacking(list); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestVariablesAreTextAsItIs(t *testing.T) {
	f := &Fleet{prefix: "bowecho-a-", cfg: Config{NATS: `nats://a"b\c@h:4222`, Variables: map[string]string{"image": "x:${1}", "more": "%{if}\n"}}}
	want := `chain = "mosaic"
image = "x:$${1}"
job = "bowecho-a-mosaic"
more = "%%{if}\n"
nats_url = "nats://a\"b\\c@h:4222"
`
	if diff := cmp.Diff(want, f.variables("mosaic")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
