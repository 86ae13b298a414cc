package trigger

import (
	"fmt"
	"time"

	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
	"bowecho/internal/grid"

	"cel.dev/cel-go/cel"
)

// Facts is what an expression may ask for.
type Facts struct {
	Domain   string
	Time     time.Time // of the data
	Regime   weather.Regime
	Seen     weather.Seen
	Queue    map[string]int           // orders that wait, by chain
	QueueAge map[string]time.Duration // of the oldest of them
	Products map[string]event.Summary // of the newest grid of each product
}

// Vocabulary is the names that an expression may use, each with its type, so that a slip is found when the config is
// read and not when the weather comes:
//
//	regime                 "unknown", "clear", "stratiform" or "convective"
//	domain, time, hour     the domain's name; the time in the data, and its hour of the day in UTC
//	summary.*              max_dbz, echo_fraction, km2_20, km2_35, km2_40, km2_45, km2_55 of the radars together
//	radars.*               ok, late, silent: how many radars are
//	queue.<chain>          orders that wait
//	products.<product>.*   as summary, of the newest grid
type Vocabulary struct {
	chains, products []string
	env              *cel.Env
}

// NewVocabulary gives the names for some chains and products.
func NewVocabulary(chains, products []string) (*Vocabulary, error) {
	v := &Vocabulary{chains: chains, products: products}
	options := []cel.EnvOption{cel.CrossTypeNumericComparisons(true)} // so that 25 will do for 25.0
	for name, value := range v.values(Facts{}) {
		options = append(options, cel.Variable(name, typeOf(value)))
	}
	var err error
	if v.env, err = cel.NewEnv(options...); err != nil {
		return nil, fmt.Errorf("names of trigger expressions: %w", err)
	}
	return v, nil
}

func typeOf(value any) *cel.Type {
	switch value.(type) {
	case string:
		return cel.StringType
	case int:
		return cel.IntType
	case time.Time:
		return cel.TimestampType
	default:
		return cel.DoubleType
	}
}

// values gives each name its value. A product that has not been made yet shows no echo.
func (v *Vocabulary) values(f Facts) map[string]any {
	values := map[string]any{
		"domain": f.Domain, "time": f.Time, "hour": f.Time.UTC().Hour(), "regime": string(f.Regime),
		"radars.ok": f.Seen.OK, "radars.late": f.Seen.Late, "radars.silent": f.Seen.Silent,
	}
	summarized(values, "summary", f.Seen.Summary)
	for _, chain := range v.chains {
		values["queue."+chain] = f.Queue[chain]
	}
	for _, product := range v.products {
		s, known := f.Products[product]
		if !known {
			s.MaxDBZ = grid.NoEchoDBZ
		}
		summarized(values, "products."+product, s)
	}
	return values
}

func summarized(values map[string]any, name string, s event.Summary) {
	values[name+".max_dbz"], values[name+".echo_fraction"] = s.MaxDBZ, s.EchoFraction
	for _, dBZ := range []float64{20, 35, 40, 45, 55} {
		values[fmt.Sprintf("%s.km2_%g", name, dBZ)] = s.KM2Above(dBZ)
	}
}

// compile checks an expression. An error names the column.
func (v *Vocabulary) compile(when string) (cel.Program, error) {
	checked, issues := v.env.Compile(when)
	if issues.Err() != nil {
		first := issues.Errors()[0]
		column := max(first.Location.Column()+1, 1) // an end that comes too soon has none
		return nil, fmt.Errorf("line %d, column %d: %s", first.Location.Line(), column, first.Message)
	}
	if checked.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("the expression gives a %s, want true or false", checked.OutputType())
	}
	return v.env.Program(checked, cel.CostLimit(costLimit))
}
