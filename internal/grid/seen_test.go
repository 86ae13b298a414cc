package grid

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
)

// seenGrid is a grid of which the middle is seen by two radars, the east by one, and the west by none.
func seenGrid(rows, cols int) *Grid {
	g := nowcast(rows, cols, 1)
	g.Radars = []string{"addison.tx", "denton.tx"}
	s := &Seen{AgeS: make([]uint16, rows*cols), By: make([]uint16, rows*cols)}
	s.Sets = [][]string{nil, {"denton.tx"}, {"elsewhere.tx"}, {"addison.tx", "denton.tx"}}
	for i := range s.By {
		switch third := 3 * (i % cols) / cols; third {
		case 0:
			s.AgeS[i] = NotSeen
		case 1:
			s.By[i], s.AgeS[i] = 3, uint16(10+i%50)
		default:
			s.By[i], s.AgeS[i] = 1, 4000
		}
	}
	g.Seen = s
	return g
}

func TestSeenRoundTrip(t *testing.T) {
	want := seenGrid(40, 60)
	data, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeSeen(data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Seen.By {
		ageS, by := got.At(i)
		wantS, wantBy := want.Seen.At(i)
		if wantS != NotSeen && wantS > oldAge*ageStepS {
			wantS = oldAge * ageStepS
		}
		if off := ageS - wantS; !slices.Equal(by, wantBy) || off < -2 || off > 3 || (ageS == NotSeen) != (wantS == NotSeen) {
			t.Fatalf("cell %d: %d s old by %v, want %d by %v", i, ageS, by, wantS, wantBy)
		}
	}
	same := func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }
	if g, err := Decode(data); err != nil || !slices.EqualFunc(g.Leads[0].Field.Values, decodedWithout(t, want), same) {
		t.Errorf("values beside what was seen: %v", err)
	}
	// Sets that are numbered otherwise give the same bytes.
	other := seenGrid(40, 60)
	slices.Reverse(other.Seen.Sets)
	for i, set := range other.Seen.By {
		other.Seen.By[i] = 3 - set
	}
	if again, err := Encode(other); err != nil || !bytes.Equal(data, again) {
		t.Errorf("the same sets under other numbers give other bytes, %v", err)
	}
}

// decodedWithout gives the values of a grid that does not tell what was seen.
func decodedWithout(t *testing.T, g *Grid) []float32 {
	t.Helper()
	without := *g
	without.Seen = nil
	data, err := Encode(&without)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := DecodeSeen(data); s != nil || err != nil {
		t.Errorf("a grid that does not tell gives %v, %v", s, err)
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return got.Leads[0].Field.Values
}

func TestSeenRefuses(t *testing.T) {
	good, err := Encode(seenGrid(20, 21))
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(good) {
		if _, err := DecodeSeen(good[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken", n, len(good))
		}
	}
	for want, change := range map[string]func(*Seen){
		"cells":    func(s *Seen) { s.By = s.By[1:] },
		"set 9 of": func(s *Seen) { s.By[3] = 9 },
	} {
		bad := seenGrid(20, 21)
		change(bad.Seen)
		if _, err := Encode(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to hold %q", err, want)
		}
	}
}

func FuzzDecodeSeen(f *testing.F) {
	good, err := Encode(seenGrid(8, 9))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := DecodeSeen(data)
		if err != nil || s == nil {
			return
		}
		for i := range s.By {
			s.At(i)
		}
	})
}
