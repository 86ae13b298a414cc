package grid

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// nowcast gives a grid of a few echoes, mostly empty as real ones are.
func nowcast(rows, cols, leads int) *Grid {
	random := rand.New(rand.NewPCG(1, 2))
	g := &Grid{
		Product: "nowcast", Quantity: "DBZH", Units: "dBZ", Domain: Centred("dfw", 32.65, -97, rows, cols, 250),
		IssueTime: time.Date(2017, 3, 29, 7, 30, 0, 0, time.UTC), Radars: []string{"addison.tx"},
	}
	for i := range leads {
		f := NewField(rows, cols)
		for k := range f.Values {
			if k%cols > cols/10 {
				f.Values[k] = NoEchoDBZ
			}
			if k%cols > cols/2 && k%cols < cols/2+cols/8 {
				f.Values[k] = 20 + 30*random.Float32()
			}
		}
		g.Leads = append(g.Leads, Lead{Minutes: float64(i), Field: f})
	}
	return g
}

func TestWireRoundTrip(t *testing.T) {
	want := nowcast(60, 80, 5)
	want.Leads[2].Field.Values[7] = -999.9
	want.Leads[2].Field.Values[8] = 120.24
	data, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Encode(want)
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("the same grid gave other bytes, %v", err)
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if got.Domain != want.Domain || got.Product != "nowcast" || !got.IssueTime.Equal(want.IssueTime) || len(got.Leads) != 5 {
		t.Errorf("got %+v", got)
	}
	for i, lead := range got.Leads {
		for k, v := range lead.Field.Values {
			w := want.Leads[i].Field.Values[k]
			exact := w != w || w == NoEchoDBZ
			if (w != w) != (v != v) || exact && w == w && v != w || math.Abs(float64(v-w)) > quantum/2+1e-4 {
				t.Fatalf("lead %d cell %d: %g, want %g", i, k, v, w)
			}
		}
	}
	some, err := DecodeLeads(data, func(minutes float64) bool { return minutes == 3 })
	if err != nil || len(some.Leads) != 1 || some.Leads[0].Minutes != 3 || some.Leads[0].Field.Values[50] != got.Leads[3].Field.Values[50] {
		t.Errorf("one lead of five: %+v, %v", some, err)
	}
}

func TestWireRefuses(t *testing.T) {
	good, err := Encode(nowcast(20, 20, 2))
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(good) {
		if _, err := Decode(good[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken", n, len(good))
		}
	}
	bad := nowcast(20, 20, 2)
	bad.Leads[1].Field = NewField(20, 21)
	if _, err := Encode(bad); err == nil {
		t.Error("a field of another size was taken")
	}
}

func FuzzDecode(f *testing.F) {
	good, err := Encode(nowcast(8, 9, 2))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(wireMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := Decode(data)
		if err == nil && g.Domain.Validate() != nil {
			t.Error("a domain that is not valid was taken")
		}
	})
}

func BenchmarkWire(b *testing.B) {
	g := nowcast(1121, 1121, 31)
	data, err := Encode(g)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encode 31 x 1121²", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Encode(g); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(data)), "bytes")
	})
	b.Run("decode 31 x 1121²", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Decode(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
