package processors

import (
	"context"
	"testing"
	"time"

	"bowecho/internal/cpu"
	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/internal/radar"
	"bowecho/internal/realdata"
	"bowecho/internal/stream/streamtest"
)

// BenchmarkNowcastOrder serves an order for a nowcast of a real storm on 1000 × 1000 cells, from mosaics in the object store to the
// stored nowcast.
func BenchmarkNowcastOrder(b *testing.B) {
	file, err := ncfile.Read(realdata.Path(b, "data", "sequences", "mrms20190610.nc"), 14)
	if err != nil {
		b.Fatal(err)
	}
	client := streamtest.Connect(b)
	all := file.Grid.Leads
	d := grid.Centred("us", 40, -95, all[0].Field.Rows, all[0].Field.Cols, 1000)
	last := begin.Add(time.Duration(all[len(all)-1].Minutes * float64(time.Minute)))
	order := &event.Order{V: event.Version, ID: "order", Chain: "nowcast", Worker: "nowcast", Domain: d, ValidTime: last}
	for _, lead := range all[len(all)-8:] {
		at := begin.Add(time.Duration(lead.Minutes * float64(time.Minute)))
		g := &grid.Grid{Product: "mosaic", Quantity: radar.DBZH, Domain: d, IssueTime: at, Leads: []grid.Lead{{Field: lead.Field}}}
		data, err := grid.Encode(g)
		if err != nil {
			b.Fatal(err)
		}
		key, err := client.Put(b.Context(), data)
		if err != nil {
			b.Fatal(err)
		}
		order.Inputs = append(order.Inputs, event.Input{Kind: "mosaic", Key: key, Time: at})
	}
	b.ReportAllocs()
	start, runs := cpu.Used(b), 0
	for b.Loop() {
		if _, err := makeNowcast(context.WithoutCancel(b.Context()), client, order); err != nil {
			b.Fatal(err)
		}
		runs++
	}
	b.ReportMetric((cpu.Used(b)-start).Seconds()/float64(runs), "cpu-s/op")
}
