package dispatcher

import (
	"slices"
	"testing"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/internal/event"
)

func TestSilentRadarsMakeTheWeatherUnknown(t *testing.T) {
	d := bare(t, DefaultConfig())
	hear(d, 1, "addison 10:00", "addison 11:00", "addison 12:00", "addison 13:00")
	for _, second := range []int{60, 110, 130, 290, 310, 600} {
		d.timePasses(time.Time{}, at("13:00").Add(time.Duration(second)*time.Second))
	}
	var got []string
	for _, c := range posted[event.Decision](d, "event.") {
		if c.Kind != event.OrderMade {
			got = append(got, c.DataTime.Format("04:05 ")+c.Subj+" "+c.Value)
		}
	}
	want := []string{
		"10:00 addison ok", "10:00 addison convective", "10:00 dfw convective", "10:00 storm open", "15:10 addison late", "18:10 addison silent", "18:10 addison unknown", "18:10 dfw unknown",
		"18:10 storm unknown", "23:00 storm unknown",
	}
	if !slices.Equal(got, want) {
		t.Errorf("decisions %v, want %v", got, want)
	}
}

func TestARecordingIsPlayedAfterLaterWeather(t *testing.T) {
	d := bare(t, DefaultConfig())
	hear(d, 0, "addison 10:00", "addison 11:00")
	late := scanAt("denton", seven.Add(-48*time.Hour))
	d.hearScan(late, late.Time) // a late file is no other time
	d.state.Costs["mosaic"] = &demand.Cost{Seconds: 7, Orders: 3}
	if !d.state.Clock.Data.Equal(at("11:00")) {
		t.Errorf("after a late file the data's clock shows %v", d.state.Clock.Data)
	}
	d.current = false // a restart
	d.hearScan(late, late.Time)
	orders := posted[event.Order](d, "work.")
	if len(orders) != 1 || !orders[0].ValidTime.Equal(late.Time) || orders[0].PredictedSeconds != 7 {
		t.Errorf("orders %+v, want one of the recording, at the learnt cost", orders)
	}
}

func TestARadarFarAwayIsNoneOfTheDomains(t *testing.T) {
	m := &event.Scan{LatitudeDeg: 40, LongitudeDeg: -97, RangeM: 60_000}
	if sees(m, dfw) {
		t.Error("a radar 600 km away is taken to see the domain")
	}
	m.LatitudeDeg = dfw.NorthDeg + 0.4
	if !sees(m, dfw) {
		t.Error("a radar 45 km beyond the edge that sees 60 km is taken not to see the domain")
	}
}
