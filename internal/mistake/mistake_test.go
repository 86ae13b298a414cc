package mistake

import (
	"errors"
	"testing"
)

func TestUnderKeepsEachMistakeApart(t *testing.T) {
	err := errors.Join(&Mistake{Path: "when", Line: 2, Column: 7, Text: "no such name"}, errors.New("something else"), nil,
		errors.Join(&Mistake{Text: "all of it"}))
	got := All(Under("dispatcher", Under("triggers[1]", err)))
	want := []string{"dispatcher.triggers[1].when: line 2, column 7: no such name", "dispatcher: triggers[1]: something else", "dispatcher.triggers[1]: all of it"}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %q", got, want)
	}
	for i := range want {
		if got[i].Error() != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
	if Under("x", nil) != nil || All(nil) != nil {
		t.Error("something is wrong with nothing")
	}
}

func TestNearest(t *testing.T) {
	known := []string{"regime", "radars", "summary", "hour"}
	for word, want := range map[string]string{"regim": "regime", "Radars": "radars", "sumary": "summary", "hours": "hour", "zzz": "", "": ""} {
		if got := Nearest(word, known); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
