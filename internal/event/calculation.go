package event

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Kinds of news: a scan, and grids, areas and pictures of a product, as "grid.mosaic" or "areas.reflectivity".
const (
	ScanNews     = "scan"
	GridNews     = "grid."
	AreasNews    = "areas."
	PicturesNews = "pictures."
	AnyGrid      = GridNews + "*"
)

// Calculation is a worker that is built in: what it works on, and what comes of it.
type Calculation struct {
	Takes []string                                             // the kinds of news on which it can be ordered
	Makes func(on string, parameters json.RawMessage) []string // the kinds of news that come of it, ordered on a kind
}

// Calculations is every calculation that is built in. Who orders and who calculates meet here: a test in processors holds
// that these are the ones that it has.
var Calculations = map[string]Calculation{
	"mosaic":      {[]string{ScanNews}, always(GridNews + "mosaic")},
	"nowcast":     {[]string{GridNews + "mosaic"}, always(GridNews + "nowcast")},
	"probability": {[]string{GridNews + "mosaic"}, probabilities},
	"contour":     {[]string{AnyGrid}, shown(AreasNews)},
	"picture":     {[]string{AnyGrid}, shown(PicturesNews)},
}

// Accepts tells whether the calculation can be ordered on a kind of news.
func (c Calculation) Accepts(on string) bool {
	for _, kind := range c.Takes {
		if kind == on || kind == AnyGrid && strings.HasPrefix(on, GridNews) {
			return true
		}
	}
	return false
}

func always(kind string) func(string, json.RawMessage) []string {
	return func(string, json.RawMessage) []string { return []string{kind} }
}

// shown gives what shows a grid: of reflectivity under that name, whichever grid it is.
func shown(as string) func(string, json.RawMessage) []string {
	return func(on string, _ json.RawMessage) []string {
		product := strings.TrimPrefix(on, GridNews)
		if product == "mosaic" || product == "nowcast" {
			product = "reflectivity"
		}
		return []string{as + product}
	}
}

// probabilities gives a grid for each threshold that the parameters name, or for the calculation's own.
func probabilities(_ string, parameters json.RawMessage) (kinds []string) {
	var p struct {
		Probability struct {
			ThresholdsDBZ []float64 `json:"thresholds_dbz"`
		} `json:"probability"`
	}
	if err := json.Unmarshal(parameters, &p); err != nil || len(p.Probability.ThresholdsDBZ) == 0 {
		p.Probability.ThresholdsDBZ = []float64{20, 35, 45}
	}
	for _, t := range p.Probability.ThresholdsDBZ {
		kinds = append(kinds, GridNews+ProbabilityProduct(t))
	}
	return kinds
}

// ProbabilityProduct names the grid of how likely a reflectivity is reached: probability_35, or probability_32_5.
func ProbabilityProduct(thresholdDBZ float64) string {
	return "probability_" + strings.Replace(strconv.FormatFloat(thresholdDBZ, 'f', -1, 64), ".", "_", 1)
}

// Step is a chain and its place among the others, as it is shown.
type Step struct {
	Chain           string   `json:"chain"`
	Worker          string   `json:"worker"`
	Takes           string   `json:"takes"`
	From            string   `json:"from,omitempty"` // the chain that makes what it takes; empty: the ingest
	Makes           []string `json:"makes"`
	Feeds           []string `json:"feeds"` // the chains that are ordered on what it makes
	EverySeconds    float64  `json:"everySeconds,omitempty"`
	EveryN          int      `json:"everyN,omitempty"`
	DeadlineSeconds float64  `json:"deadlineSeconds,omitempty"`
	Priority        int      `json:"priority"`       // at least that of what it feeds
	Most            int      `json:"most,omitempty"` // orders in hand at once; 0: no bound
	Per             string   `json:"per,omitempty"`  // of what that bound is
	Essential       bool     `json:"essential"`
	Triggers        []string `json:"triggers"` // that open it
}
