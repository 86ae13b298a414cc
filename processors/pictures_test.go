package processors

import (
	"bytes"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// TestPicturesOfProbabilities paints a grid in percent in its own colours, which the message brings, and refuses one of
// values for which there are none.
func TestPicturesOfProbabilities(t *testing.T) {
	client := streamtest.Connect(t)
	store := func(units string) event.Input {
		f := grid.NewField(domain.Rows, domain.Cols)
		for i := range f.Values {
			f.Values[i] = float32(i % domain.Cols) // 0 to 159, so that all colours occur
		}
		g := &grid.Grid{Product: "probability_35", Quantity: "probability_35", Units: units, Domain: domain, IssueTime: begin, Leads: []grid.Lead{{Field: f}}}
		data, err := grid.Encode(g)
		if err != nil {
			t.Fatal(err)
		}
		key, err := client.Put(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		return event.Input{Kind: "probability_35", Key: key, Time: begin}
	}
	serve(t, client, &event.Order{Worker: "picture", ValidTime: begin, Inputs: []event.Input{store("%")}})
	made := all[event.Pictures](t, client, stream.Grids, "grid.picture.>")
	if len(made) != 1 || made[0].Product != "probability_35" || made[0].Units != "%" || len(made[0].Legend) != 10 || made[0].Legend[9].From != 90 {
		t.Fatalf("pictures: %+v, want those of the chance of 35 dBZ, with ten colours up to 90 %%", made)
	}
	data, err := client.Get(t.Context(), made[0].Frames[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	at := func(col int) color.NRGBA { return color.NRGBAModel.Convert(img.At(col, 80)).(color.NRGBA) }
	if at(2).A != 0 || at(95) != (color.NRGBA{226, 62, 104, 215}) || at(45) != (color.NRGBA{58, 98, 190, 215}) {
		t.Errorf("2, 45 and 95 %% are %v, %v and %v; want clear, blue and red", at(2), at(45), at(95))
	}
	in := store("m/s")
	_, err = makePictures(t.Context(), client, &event.Order{Inputs: []event.Input{in}})
	if err == nil || !strings.Contains(err.Error(), `no colours for values in "m/s"`) {
		t.Errorf("of a wind: %v, want it refused", err)
	}
}
