package event

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/grid"
)

var (
	when    = time.Date(2017, 3, 29, 7, 10, 0, 0, time.UTC)
	dfw     = grid.Centred("dfw", 32.65, -97, 10, 10, 250)
	samples = []Message{
		&Scan{V: Version, ID: "1", Radar: "addison.tx", Key: "k", Time: when},
		&Warning{V: Version, ID: "1", Feed: "nws", Status: Actual, Sent: when, Expires: when.Add(time.Hour)},
		&Order{V: Version, ID: "1", Chain: "mosaic", Worker: "mosaic", Domain: dfw, ValidTime: when},
		&Grid{V: Version, ID: "1", Product: "mosaic", Domain: dfw, IssueTime: when, Key: "k"},
		&Pictures{V: Version, ID: "1", Product: "reflectivity", Domain: dfw, IssueTime: when},
		&Areas{V: Version, ID: "1", Product: "reflectivity", Domain: "dfw", IssueTime: when, Key: "k"},
		&Notice{V: Version, ID: "1", Episode: "e", State: Start, Place: "Home", Channel: "ops"},
		&Dead{V: Version, ID: "1", Stage: "ingest", Reason: "empty"},
		&Decision{V: Version, ID: "1", Kind: RegimeChange, Subj: "dfw"},
	}
)

func TestEveryMessageHasItsPlaceInTheFlow(t *testing.T) {
	for _, m := range samples {
		if err := m.Validate(); err != nil {
			t.Errorf("%T: %v", m, err)
		}
		tokens := strings.Split(m.Subject(), ".")
		known := slices.ContainsFunc(Flow, func(f struct {
			Subject, Stream string
			Writes, Reads   []string
		}) bool {
			pattern := strings.Split(f.Subject, ".")
			return pattern[0] == tokens[0] && len(pattern) == len(tokens) && len(f.Writes) > 0 && len(f.Reads) > 0
		})
		if !known {
			t.Errorf("%T goes to %s, which is not in the flow", m, m.Subject())
		}
	}
}

func TestSubjectsCannotBeInjected(t *testing.T) {
	for _, name := range []string{"a.b", "*", ">", "a b", "Zürich", "x\r\ny", ""} {
		m := &Scan{Radar: name}
		if got := strings.Count(m.Subject(), "."); got != 1 || strings.ContainsAny(m.Subject(), "*> \r\n") {
			t.Errorf("radar %q gives subject %q", name, m.Subject())
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct{ json, want string }{
		"another version": {`{"v":2,"id":"1"}`, "version 2"},
		"no version":      {`{}`, "version 0"},
		"not JSON":        {`SIMPLE = T`, "read message"},
		"wrong type":      {`{"v":1,"id":7}`, "read"},
		"no content":      {`{"v":1,"id":"1"}`, "without radar"},
	} {
		if _, err := Decode[Scan]([]byte(c.json)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to hold %q", name, err, c.want)
		}
	}
}

func TestIDDependsOnEveryPart(t *testing.T) {
	same := ID("a", "b")
	if ID("ab", "c") == ID("a", "bc") || ID("a") == ID("a", "") || same != ID([]string{"a", "b"}...) {
		t.Error("ids must differ where their parts do, and only there")
	}
}
