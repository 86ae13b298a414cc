// Package event is every message that the stages exchange, and who reads and writes which.
//
// Messages are small JSON. Bulk data lie in the object store, and a message carries the key.
package event

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"bowecho/internal/grid"
)

// Version is the version of all messages here. A reader refuses one that it does not know.
const Version = 1

// Message is what can be published.
type Message interface {
	Subject() string   // where it goes
	MessageID() string // the same for the same work, so that doing it twice is harmless
	Validate() error   // what is wrong with it
}

// ID gives the identity of work: a hash of everything that it depends on.
func ID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:12])
}

// Decode reads a message and refuses versions and contents that are not valid.
func Decode[T any, P interface {
	*T
	Message
}](data []byte) (P, error) {
	var head struct {
		V int `json:"v"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	if head.V != Version {
		return nil, fmt.Errorf("message of version %d, want %d: run the same release of bowecho everywhere", head.V, Version)
	}
	m := P(new(T))
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("read %T: %w", m, err)
	}
	return m, m.Validate()
}

// Token makes a name fit to be one token of a NATS subject.
func Token(name string) string {
	if name == "" {
		return "_"
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		default:
			return '_'
		}
	}, name)
}

// Trail is when the newest file of a product passed each station, by the wall clock. Zero: not yet.
type Trail struct {
	File  time.Time `json:"file,omitzero"`  // its file was seen whole
	Scan  time.Time `json:"scan,omitzero"`  // the decoded scan was announced
	Grid  time.Time `json:"grid,omitzero"`  // the grid was announced
	Areas time.Time `json:"areas,omitzero"` // the areas were announced

	Notice time.Time `json:"notice,omitzero"` // the notice was announced
}

// Scan announces one decoded file of one radar.
type Scan struct {
	V            int       `json:"v"`
	ID           string    `json:"id"` // hash of the file's content
	Radar        string    `json:"radar"`
	Time         time.Time `json:"time"`
	End          time.Time `json:"end"`
	LatitudeDeg  float64   `json:"latitudeDeg"`
	LongitudeDeg float64   `json:"longitudeDeg"`
	HeightM      float64   `json:"heightM"`
	RangeM       float64   `json:"rangeM"` // to the end of the last gate
	Elevations   []float64 `json:"elevationsDeg"`
	Format       string    `json:"format"`
	File         string    `json:"file"`
	Key          string    `json:"key"` // of the scan in the object store
	Summary      Summary   `json:"summary"`
	Flaws        []string  `json:"flaws,omitempty"` // what of the file could not be used
	Pace         float64   `json:"pace"`            // seconds of data a second of wall clock: 1 live, 0 as fast as it goes
	Skew         string    `json:"skew,omitempty"`  // SkewFuture or SkewLate where a live scan's time is doubtful
	Trail        Trail     `json:"trail"`
}

// What may be doubtful about a live scan's time.
const (
	SkewFuture = "future" // more than five minutes ahead of the wall clock
	SkewLate   = "late"   // it came more than an hour after its end
)

// Summary is the few numbers that say how much weather a scan holds, from its lowest sweep.
type Summary struct {
	Gates        int     `json:"gates"`        // looked at
	EchoFraction float64 `json:"echoFraction"` // share of them that hold a measurement
	MaxDBZ       float64 `json:"maxDBZ"`       // -32 without an echo
	Above        []Above `json:"above"`        // at 20, 35, 40, 45 and 55 dBZ
	Cells        int     `json:"cells"`        // storm cells, as package storm counts them
}

// Above is how much lies at or above a reflectivity.
type Above struct {
	DBZ   float64 `json:"dBZ"`
	Gates int     `json:"gates"`
	KM2   float64 `json:"km2"`
}

// KM2Above gives the area in km² at or above one of the summary's reflectivities, 0 for any other.
func (s Summary) KM2Above(dBZ float64) float64 {
	for _, a := range s.Above {
		if a.DBZ == dBZ {
			return a.KM2
		}
	}
	return 0
}

// Order asks for one run of one chain. It names all its inputs, so that a worker keeps no state.
type Order struct {
	V                int             `json:"v"`
	ID               string          `json:"id"`
	Chain            string          `json:"chain"`
	Worker           string          `json:"worker"` // the built-in calculation
	Domain           grid.Domain     `json:"domain"`
	ValidTime        time.Time       `json:"validTime"`
	Inputs           []Input         `json:"inputs"`
	Missing          []string        `json:"missing,omitempty"` // radars that see the domain, of which there is no input
	Parameters       json.RawMessage `json:"parameters,omitempty"`
	Deadline         time.Time       `json:"deadline,omitzero"` // by the wall clock; zero: none
	Retries          int             `json:"retries"`           // how often it is tried again when it fails
	Priority         int             `json:"priority"`          // 0 to 100; more goes first
	Features         Features        `json:"features,omitzero"` // from which the cost was predicted
	PredictedSeconds float64         `json:"predictedSeconds"`
	Reason           string          `json:"reason"`
	Ordered          time.Time       `json:"ordered"`
	Trail            Trail           `json:"trail"`
}

// Features is what the cost of an order depends on, known when it is made.
type Features struct {
	Inputs  int     `json:"inputs"`          // objects to load
	Leads   int     `json:"leads,omitempty"` // lead times of the newest grid
	Weather Summary `json:"weather"`         // of scans together; of a grid, the mean over its lead times
}

// Kinds of input other than grids.
const (
	ScanInput   = "scan"
	EarlierScan = "earlier scan" // of the same radar, minutes before: what has moved since, and what stands still
)

// Input is one object that an order works on, oldest first.
type Input struct {
	Kind  string    `json:"kind"` // ScanInput, EarlierScan, or a product of a grid
	Key   string    `json:"key"`
	Radar string    `json:"radar,omitempty"`
	Time  time.Time `json:"time"`
}

// Grid announces a gridded product, all its lead times in one object.
type Grid struct {
	V           int         `json:"v"`
	ID          string      `json:"id"`
	Product     string      `json:"product"` // "mosaic", "nowcast"
	Quantity    string      `json:"quantity"`
	Units       string      `json:"units"`
	Domain      grid.Domain `json:"domain"`
	IssueTime   time.Time   `json:"issueTime"`
	LeadMinutes []float64   `json:"leadMinutes"`
	Key         string      `json:"key"`
	Radars      []string    `json:"radars"`
	Summary     Summary     `json:"summary"`         // of the first lead time; gates are cells
	Leads       []Summary   `json:"leads,omitempty"` // of each lead time, where there are several and the grid is of reflectivity
	Largest     []float64   `json:"largest"`         // value at each lead time, in the units; 0 where nothing is known
	Note        string      `json:"note,omitempty"`
	Trail       Trail       `json:"trail"`
}

// Areas announces polygons as a GeoJSON FeatureCollection: inline, or in the object store when large.
type Areas struct {
	V           int             `json:"v"`
	ID          string          `json:"id"`
	Product     string          `json:"product"` // "reflectivity"
	Units       string          `json:"units"`
	Levels      []float64       `json:"levels"`
	Domain      string          `json:"domain"`
	IssueTime   time.Time       `json:"issueTime"`
	LeadMinutes []float64       `json:"leadMinutes"`
	Radars      []string        `json:"radars"`
	Features    int             `json:"features"`
	Collection  json.RawMessage `json:"collection,omitempty"`
	Key         string          `json:"key,omitempty"`
	Coverage    json.RawMessage `json:"coverage,omitempty"` // GeoJSON MultiPolygon that the radars saw: outside it nothing is known
	Trail       Trail           `json:"trail"`
}

// Pictures announces one PNG a lead time. They are in Web Mercator, so that a map shows them in place.
type Pictures struct {
	V         int         `json:"v"`
	ID        string      `json:"id"`
	Product   string      `json:"product"`
	Units     string      `json:"units,omitempty"`
	Legend    []Colour    `json:"legend,omitempty"` // rising; below the first a picture is clear
	Domain    grid.Domain `json:"domain"`
	IssueTime time.Time   `json:"issueTime"`
	Frames    []Frame     `json:"frames"`
	Radars    []string    `json:"radars"`
	Trail     Trail       `json:"trail"`
}

// Colour is the colour of pictures from a value on, as CSS: #rrggbbaa.
type Colour struct {
	From  float64 `json:"from"`
	Color string  `json:"color"`
}

// Frame is one picture.
type Frame struct {
	LeadMinutes float64   `json:"leadMinutes"`
	ValidTime   time.Time `json:"validTime"`
	Key         string    `json:"key"`
}

// Subject puts a scan on SCANS.
func (m *Scan) Subject() string { return "scan." + Token(m.Radar) }

// Subject puts an order on WORK.
func (m *Order) Subject() string { return "work." + Token(m.Chain) + "." + Token(m.Domain.Name) }

// Subject puts a grid on GRIDS.
func (m *Grid) Subject() string { return "grid." + Token(m.Product) + "." + Token(m.Domain.Name) }

// Subject puts areas on AREAS.
func (m *Areas) Subject() string { return "areas." + Token(m.Product) + "." + Token(m.Domain) }

// Subject puts pictures on GRIDS, as the product "picture".
func (m *Pictures) Subject() string { return "grid.picture." + Token(m.Domain.Name) }

// MessageID is the hash of the scan's file.
func (m *Scan) MessageID() string { return m.ID }

// MessageID is the order's.
func (m *Order) MessageID() string { return m.ID }

// MessageID is the grid's.
func (m *Grid) MessageID() string { return m.ID }

// MessageID is the areas'.
func (m *Areas) MessageID() string { return m.ID }

// MessageID is the pictures'.
func (m *Pictures) MessageID() string { return m.ID }

// Validate tells what is missing.
func (m *Scan) Validate() error {
	return need("scan", field{"id", m.ID}, field{"radar", m.Radar}, field{"key", m.Key}, at("time", m.Time))
}

// Validate tells what is missing.
func (m *Order) Validate() error {
	if err := need("order", field{"id", m.ID}, field{"chain", m.Chain}, field{"worker", m.Worker}, at("validTime", m.ValidTime)); err != nil {
		return err
	}
	return m.Domain.Validate()
}

// Validate tells what is missing.
func (m *Grid) Validate() error {
	if err := need("grid", field{"id", m.ID}, field{"product", m.Product}, field{"key", m.Key}, at("issueTime", m.IssueTime)); err != nil {
		return err
	}
	return m.Domain.Validate()
}

// Validate tells what is missing.
func (m *Areas) Validate() error {
	if len(m.Collection) == 0 && m.Key == "" {
		return fmt.Errorf("areas %s: neither a collection nor a key", m.ID)
	}
	return need("areas", field{"id", m.ID}, field{"product", m.Product}, field{"domain", m.Domain}, at("issueTime", m.IssueTime))
}

// Validate tells what is missing.
func (m *Pictures) Validate() error {
	return need("pictures", field{"id", m.ID}, field{"product", m.Product}, at("issueTime", m.IssueTime))
}

type field struct{ name, value string }

func at(name string, t time.Time) field {
	if t.IsZero() {
		return field{name, ""}
	}
	return field{name, "set"}
}

func need(kind string, fields ...field) error {
	for _, f := range fields {
		if f.value == "" {
			return fmt.Errorf("%s message without %s", kind, f.name)
		}
	}
	return nil
}
