package event

import (
	"maps"
	"time"
)

// The kinds of decision; each is published on event.<kind>.
const (
	RegimeChange    = "regime"    // the weather of a domain, or as one radar sees it, changed; Subject: domain or radar
	TriggerChange   = "trigger"   // a trigger opened or closed; Subject: trigger
	OrderMade       = "order"     // work was ordered; Subject: chain
	OrderHeld       = "held"      // an order waits until fewer of its kind are in hand; Subject: chain
	OrderHanded     = "handed"    // an order that waited was given to workers; Subject: chain
	OrderDropped    = "dropped"   // an order was past its deadline; Subject: chain
	OrderFailed     = "failed"    // an order could not be served, and lies on DEAD; Subject: chain
	Scaling         = "scale"     // the number of workers of a chain changed; Subject: chain
	FreshnessChange = "freshness" // a radar became ok, late or silent; Subject: radar
	EpisodeChange   = "episode"   // an episode started, changed or ended; Subject: place
	NoticeGiven     = "notice"    // a notice itself, not a decision, for whoever listens; Subject: place
	OrderRefused    = "refused"   // no order was made, for the budget is spent; Subject: chain
	Budget          = "budget"    // a share of the budget is spent, or its limit is lifted; Subject: all, or a chain with a limit of its own
	FleetStatus     = "fleet"     // workers and waiting orders a chain; Subject: chain
	WorkDone        = "work"      // one order was served; Subject: chain
	DuplicateFile   = "duplicate" // a file was a scan that is known; Subject: file
	PassedOver      = "passed"    // a file that is no radar file by its name; Subject: source
	SourceDone      = "source"    // a source that ends has ended; Subject: source
	WarningChange   = "warning"   // a warning that touches a domain has begun, changed or ended; Subject: its event
	FeedHeard       = "feed"      // a feed of warnings was heard, be it that nothing is new; Subject: feed
	ConfigChange    = "config"    // the config was read again, and is Accepted or Refused; Subject: the part that reads it
	LineChange      = "line"      // a source's server is Up, Down, or no longer asked (Left); Subject: source
	CloudChange     = "cloud"     // a cloud stands otherwise than before, as the values below say; Subject: cloud
)

// The values of CloudChange.
const (
	CloudUp   = "up"   // it answers
	CloudHeld = "held" // it does not answer; its workers are taken to work on
	CloudGone = "gone" // nor has it for so long that they are replaced
	CloudFull = "full" // it has no room for all workers that are asked of it
	CloudSlow = "slow" // workers that are asked of it do not come, and it does not say why
	CloudRoom = "room" // it gives all that is asked of it again
)

// The values of ConfigChange.
const (
	Accepted = "accepted"
	Refused  = "refused"
)

// The values of LineChange.
const (
	Up   = "up"
	Down = "down"
	Left = "left"
)

// Decision says what was decided or done, why, and from which values. All of them are kept.
type Decision struct {
	V        int            `json:"v"`
	ID       string         `json:"id"`
	Kind     string         `json:"kind"`
	Subj     string         `json:"subject"`
	Domain   string         `json:"domain,omitempty"`
	Value    string         `json:"value"`         // the new state: "convective", "open", "3" …
	Was      string         `json:"was,omitempty"` // the state before
	Reason   string         `json:"reason"`
	Inputs   map[string]any `json:"inputs,omitempty"`
	DataTime time.Time      `json:"dataTime,omitzero"` // the time in the data
	Time     time.Time      `json:"time"`              // the wall clock
}

// Ended tells how an order ended: WorkDone, OrderDropped or OrderFailed. An order has one end. All that are told have the
// same id, so that the stream takes the first and knows the others again. One that was sent anew from DEAD may end anew.
func (o *Order) Ended(kind, value, reason string, inputs map[string]any, now time.Time) *Decision {
	all := map[string]any{"order": o.ID}
	maps.Copy(all, inputs)
	return &Decision{
		V: Version, ID: ID("ended", o.ID, o.Ordered.UTC().String()), Kind: kind, Subj: o.Chain, Domain: o.Domain.Name,
		Value: value, Reason: reason, Inputs: all, DataTime: o.ValidTime, Time: now.UTC(),
	}
}

// Subject puts a decision on EVENTS.
func (m *Decision) Subject() string { return "event." + Token(m.Kind) + "." + Token(m.Subj) }

// MessageID is the decision's.
func (m *Decision) MessageID() string { return m.ID }

// Validate tells what is missing.
func (m *Decision) Validate() error {
	return need("decision", field{"id", m.ID}, field{"kind", m.Kind}, field{"subject", m.Subj})
}

// Dead is something that could not be processed, with the reason. What it was lies in the object store under Key.
type Dead struct {
	V       int       `json:"v"`
	ID      string    `json:"id"`
	Stage   string    `json:"stage"` // "ingest", "work", "alerts", "notify"
	Name    string    `json:"name"`  // the file, or the subject of the message
	Reason  string    `json:"reason"`
	Key     string    `json:"key,omitempty"`
	Size    int64     `json:"size"`
	Message []byte    `json:"message,omitempty"` // the message itself, where it was one
	Time    time.Time `json:"time"`
}

// Subject puts it on DEAD.
func (m *Dead) Subject() string { return "dead." + Token(m.Stage) }

// MessageID is the dead letter's.
func (m *Dead) MessageID() string { return m.ID }

// Validate tells what is missing.
func (m *Dead) Validate() error {
	return need("dead", field{"id", m.ID}, field{"stage", m.Stage}, field{"reason", m.Reason})
}
