package event

// Flow says which stages write and read each subject. Stages meet here and nowhere else.
var Flow = []struct {
	Subject, Stream string
	Writes, Reads   []string
}{
	{"files.<from>", "FILES", []string{"ingest"}, []string{"ingest"}},
	{"scan.<radar>", "SCANS", []string{"ingest"}, []string{"dispatcher", "portal"}},
	{"warning.<feed>", "WARNINGS", []string{"ingest"}, []string{"ingest", "dispatcher"}},
	{"work.<chain>.<domain>", "WORK", []string{"dispatcher"}, []string{"processors"}},
	{"grid.<product>.<domain>", "GRIDS", []string{"processors"}, []string{"dispatcher", "portal"}},
	{"areas.<product>.<domain>", "AREAS", []string{"processors"}, []string{"alerts", "portal"}},
	{"notice.<channel>", "NOTICES", []string{"alerts"}, []string{"alerts"}},
	{"dead.<stage>", "DEAD", []string{"ingest", "processors", "alerts"}, []string{"portal"}},
	{"event.<kind>.<subject>", "EVENTS", []string{"ingest", "dispatcher", "processors", "alerts"}, []string{"dispatcher", "portal"}},
}
