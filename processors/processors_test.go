package processors

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/radar"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb/geojson"
)

var (
	begin  = time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)
	domain = grid.Centred("small", 32.65, -97, 160, 160, 500)
)

// serve has one chain's worker serve an order, until that is acknowledged.
func serve(t *testing.T, client *stream.Client, o *event.Order) {
	t.Helper()
	o.Features = event.Features{Inputs: 3}
	o.V, o.ID, o.Chain, o.Domain = event.Version, event.ID(o.Worker, o.ValidTime.String(), o.Deadline.String(), string(o.Parameters)), o.Worker, domain
	if _, err := client.Publish(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- New(client, o.Chain, slog.New(slog.DiscardHandler)).Run(ctx) }()
	for ctx.Err() == nil {
		queue, err := client.Queue(t.Context(), o.Chain)
		if err != nil {
			t.Fatal(err)
		}
		if queue.Waiting+queue.Running == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func all[T any, P interface {
	*T
	event.Message
}](t *testing.T, client *stream.Client, name, filter string) (list []P) {
	t.Helper()
	err := client.Each(t.Context(), name, filter, time.Time{}, func(m stream.Message) error {
		content, err := event.Decode[T, P](m.Data)
		list = append(list, content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// scanOf stores a scan with one round storm of 55 dBZ east of the radar, and gives the input that names it.
func scanOf(t *testing.T, client *stream.Client, at time.Time, eastKM float64) event.Input {
	t.Helper()
	const rays, gates = 360, 120
	z := radar.Moment{Name: radar.DBZH, Gates: radar.Gates{Count: gates, OffsetM: 125, SpacingM: 250}, Values: make([]float32, rays*gates)}
	sweep := radar.Sweep{ElevationDeg: 0.5}
	for r := range rays {
		sweep.Rays = append(sweep.Rays, radar.Ray{AzimuthDeg: float32(r)})
		sin, cos := math.Sincos(float64(r) * math.Pi / 180)
		for g := range gates {
			km := z.Gates.CentreM(g) / 1000
			d := math.Hypot(km*sin-eastKM, km*cos)
			z.Values[r*gates+g] = radar.NoDataValue
			if v := 55 - 1.2*d*d; v > 5 {
				z.Values[r*gates+g] = float32(v)
			}
		}
	}
	sweep.Moments = []radar.Moment{z}
	data, err := radar.Encode(&radar.Scan{Site: radar.Site{Name: "middle.tx", LatitudeDeg: 32.65, LongitudeDeg: -97}, Start: at, Sweeps: []radar.Sweep{sweep}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := client.Put(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	return event.Input{Kind: "scan", Key: key, Radar: "middle.tx", Time: at}
}

// TestFromScanToAreasAndPictures follows a storm that moves east at a kilometre a minute through every worker.
func TestFromScanToAreasAndPictures(t *testing.T) {
	client := streamtest.Connect(t)
	for i := range 4 {
		at := begin.Add(time.Duration(i) * time.Minute)
		serve(t, client, &event.Order{Worker: "mosaic", ValidTime: at, Inputs: []event.Input{scanOf(t, client, at, -10+float64(i))}})
	}
	var history []event.Input
	for _, m := range all[event.Grid](t, client, stream.Grids, "grid.mosaic.>") {
		history = append(history, event.Input{Kind: "mosaic", Key: m.Key, Time: m.IssueTime})
		// 55 − 1.2 d² = 45 at d = 2.89 km: 26.2 km². Of 0.25 km² cells 101 to 112 lie in such a circle.
		if m.Leads != nil {
			t.Errorf("a grid of one lead time has %d summaries besides its own", len(m.Leads))
		}
		if km2 := m.Summary.KM2Above(45); km2 < 24.5 || km2 > 28.5 {
			t.Errorf("mosaic of %v: %.1f km² at or above 45 dBZ, want 24.5 to 28.5", m.IssueTime, km2)
		}
	}
	last := begin.Add(3 * time.Minute)
	serve(t, client, &event.Order{Worker: "nowcast", ValidTime: last, Inputs: history})
	nowcasts := all[event.Grid](t, client, stream.Grids, "grid.nowcast.>")
	if len(nowcasts) != 1 || len(nowcasts[0].LeadMinutes) != 31 || nowcasts[0].Note != "" || len(nowcasts[0].Radars) != 1 {
		t.Fatalf("nowcasts: %+v", nowcasts)
	}
	leads := nowcasts[0].Leads
	if len(leads) != 31 || !cmp.Equal(leads[0], nowcasts[0].Summary) || leads[10].KM2Above(35) < 20 || leads[30].KM2Above(20) >= leads[0].KM2Above(20) {
		t.Errorf("summaries of %d lead times, want 31: the storm of now, still there in ten minutes, and on its way out in thirty: %+v", len(leads), leads)
	}
	in := []event.Input{{Kind: "nowcast", Key: nowcasts[0].Key, Time: last}}
	serve(t, client, &event.Order{Worker: "contour", ValidTime: last, Inputs: in, Parameters: json.RawMessage(`{"levels":[45]}`)})
	serve(t, client, &event.Order{Worker: "picture", ValidTime: last, Inputs: in})

	areas := all[event.Areas](t, client, stream.Areas, "")
	if len(areas) != 1 {
		t.Fatalf("%d areas", len(areas))
	}
	features, err := geojson.UnmarshalFeatureCollection(areas[0].Collection)
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	for _, f := range features.Features {
		lead := f.Properties.MustFloat64("leadMinutes")
		east := (f.Geometry.Bound().Center().Lon() + 97) * 93.7
		if want := -7 + lead; lead <= 20 {
			moved++
			if math.Abs(east-want) > 0.5*lead+1 {
				t.Errorf("in %g min the storm is %.1f km east, want %.1f", lead, east, want)
			}
		}
	}
	if moved != 21 || areas[0].Coverage == nil {
		t.Errorf("%d areas within 20 min, want one each; coverage %s", moved, areas[0].Coverage)
	}
	pictures := all[event.Pictures](t, client, stream.Grids, "grid.picture.>")
	if len(pictures) != 1 || len(pictures[0].Frames) != 31 || pictures[0].Frames[30].LeadMinutes != 30 {
		t.Fatalf("pictures: %+v", pictures)
	}
	png, err := client.Get(t.Context(), pictures[0].Frames[5].Key)
	if err != nil || !strings.HasPrefix(string(png), "\x89PNG") {
		t.Errorf("picture: %q…, %v", png[:4], err)
	}
	done := all[event.Decision](t, client, stream.Events, "event.work.>")
	if len(done) != 7 {
		t.Errorf("%d orders told as done, want 7", len(done))
	}
	for _, d := range done {
		features, there := d.Inputs["features"].(map[string]any)
		if !there || features["inputs"] != 3.0 || d.Inputs["first"] != true || d.Inputs["seconds"].(float64) <= 0 {
			t.Errorf("done was told with %v, want the order's features, the seconds, and that it was each worker's first", d.Inputs)
		}
	}
}

func TestASingleMosaicStaysWhereItIs(t *testing.T) {
	client := streamtest.Connect(t)
	serve(t, client, &event.Order{Worker: "mosaic", ValidTime: begin, Inputs: []event.Input{scanOf(t, client, begin, 5)}})
	first := all[event.Grid](t, client, stream.Grids, "")[0]
	serve(t, client, &event.Order{Worker: "nowcast", ValidTime: begin, Inputs: []event.Input{{Kind: "mosaic", Key: first.Key, Time: begin}}})
	if n := all[event.Grid](t, client, stream.Grids, "grid.nowcast.>"); len(n) != 1 || n[0].Note == "" {
		t.Errorf("nowcast of one mosaic: %+v, want it with a note", n)
	}
}

// TestAMosaicTellsWhatIsLateOrMissing makes one of a radar that is two minutes old, while another is silent.
func TestAMosaicTellsWhatIsLateOrMissing(t *testing.T) {
	client := streamtest.Connect(t)
	in := scanOf(t, client, begin, 5)
	serve(t, client, &event.Order{Worker: "mosaic", ValidTime: begin.Add(2 * time.Minute), Inputs: []event.Input{in}, Missing: []string{"silent.tx"}})
	m := all[event.Grid](t, client, stream.Grids, "grid.mosaic.>")
	if len(m) != 1 || m[0].Note != "middle.tx 120 s old, silent.tx missing" || !slices.Equal(m[0].Radars, []string{"middle.tx"}) {
		t.Errorf("mosaics %+v, want one that tells of both radars", m)
	}
}

func TestNowcastOfTwoHours(t *testing.T) {
	client := streamtest.Connect(t)
	at := begin.Add(time.Minute)
	for i := range 2 {
		when := begin.Add(time.Duration(i) * time.Minute)
		serve(t, client, &event.Order{Worker: "mosaic", ValidTime: when, Inputs: []event.Input{scanOf(t, client, when, float64(i))}})
	}
	var history []event.Input
	for _, m := range all[event.Grid](t, client, stream.Grids, "grid.mosaic.>") {
		history = append(history, event.Input{Kind: "mosaic", Key: m.Key, Time: m.IssueTime})
	}
	serve(t, client, &event.Order{Worker: "nowcast", ValidTime: at, Inputs: history, Parameters: json.RawMessage(`{"lead_minutes": 120}`)})
	if n := all[event.Grid](t, client, stream.Grids, "grid.nowcast.>"); len(n) != 1 || len(n[0].LeadMinutes) != 121 || n[0].LeadMinutes[120] != 120 {
		t.Errorf("nowcasts: %+v, want one of 121 lead times", n)
	}
}

// TestAnOldScanIsMoved lays a scan that is a minute old, of a storm that the scan three minutes before shows to move east
// at a kilometre a minute.
func TestAnOldScanIsMoved(t *testing.T) {
	client := streamtest.Connect(t)
	earlier := scanOf(t, client, begin, -10)
	earlier.Kind = event.EarlierScan
	inputs := []event.Input{earlier, scanOf(t, client, begin.Add(3*time.Minute), -7)}
	serve(t, client, &event.Order{Worker: "mosaic", ValidTime: begin.Add(4 * time.Minute), Inputs: inputs})
	made := all[event.Grid](t, client, stream.Grids, "grid.mosaic.>")
	data, err := client.Get(t.Context(), made[len(made)-1].Key)
	if err != nil {
		t.Fatal(err)
	}
	g, err := grid.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	east, cells := 0.0, 0.0
	for i, v := range g.Leads[0].Field.Values {
		if v >= 45 {
			_, lon := domain.Position(0, float64(i%domain.Cols))
			east, cells = east+(lon+97)*93.7, cells+1
		}
	}
	if east /= cells; math.Abs(east+6) > 0.3 {
		t.Errorf("the storm is %.2f km east, want -6", east)
	}
}

func TestOrdersThatCannotBeServed(t *testing.T) {
	client := streamtest.Connect(t)
	serve(t, client, &event.Order{Worker: "mosaic", ValidTime: begin, Deadline: time.Now().Add(-time.Second)})
	serve(t, client, &event.Order{Worker: "astrology", ValidTime: begin})
	serve(t, client, &event.Order{Worker: "nowcast", ValidTime: begin})
	serve(t, client, &event.Order{Worker: "contour", ValidTime: begin, Parameters: json.RawMessage(`{"levls":[45]}`)})
	serve(t, client, &event.Order{Worker: "picture", ValidTime: begin, Inputs: []event.Input{{Key: "gone"}}})
	if dropped := all[event.Decision](t, client, stream.Events, "event.dropped.>"); len(dropped) != 1 {
		t.Errorf("%d orders dropped, want the one past its deadline", len(dropped))
	}
	var reasons []string
	for _, d := range all[event.Dead](t, client, stream.DeadBox, "") {
		reasons = append(reasons, d.Reason)
	}
	told := strings.Join(reasons, "\n")
	for _, want := range []string{`"astrology"`, "names no input", "levls", "no longer in the object store"} {
		if !strings.Contains(told, want) {
			t.Errorf("dead letters do not tell of %s:\n%s", want, told)
		}
	}
}
