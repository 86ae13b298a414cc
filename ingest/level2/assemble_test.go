package level2

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/radar"
)

// partsOf writes a volume of four sweeps of 150 rays in six parts: S and five of 120 radials, so that parts hold
// the end of a sweep and the beginning of the next.
func partsOf(t testing.TB, later time.Duration) (parts []Part, whole *radar.Scan) {
	t.Helper()
	whole = storm([]float64{0.5, 0.9, 0.5, 1.3}, 150, 6)
	whole.Start, whole.End = whole.Start.Add(later), whole.End.Add(later)
	for i := range whole.Sweeps {
		whole.Sweeps[i].Start = whole.Sweeps[i].Start.Add(later)
	}
	parts, err := Chunks(whole)
	if err != nil {
		t.Fatal(err)
	}
	return parts, whole
}

// add gives the sweeps that parts complete, in the order of their coming.
func add(t testing.TB, a *Assembler, parts []Part) (sweeps []*radar.Scan) {
	t.Helper()
	for _, p := range parts {
		done, err := a.Add(p.Name, p.Data)
		if err != nil {
			t.Fatal(err)
		}
		sweeps = append(sweeps, done...)
	}
	return sweeps
}

// checkSweeps holds sweeps, in any order, against those of the whole.
func checkSweeps(t *testing.T, whole *radar.Scan, sweeps []*radar.Scan) {
	t.Helper()
	if len(sweeps) != len(whole.Sweeps) {
		t.Fatalf("%d sweeps, want %d", len(sweeps), len(whole.Sweeps))
	}
	slices.SortFunc(sweeps, func(a, b *radar.Scan) int { return a.Start.Compare(b.Start) })
	for i, got := range sweeps {
		want := *whole
		want.Sweeps = whole.Sweeps[i : i+1]
		want.Start = want.Sweeps[0].Start
		if want.End = whole.End; i+1 < len(whole.Sweeps) {
			want.End = whole.Sweeps[i+1].Start
		}
		if d := difference(&want, got); d != "" {
			t.Errorf("sweep %d: %s", i, d)
		}
	}
}

func TestSweepsAsTheyAreComplete(t *testing.T) {
	parts, whole := partsOf(t, 0)
	var a Assembler
	var all []*radar.Scan
	for i, want := range []int{0, 0, 1, 1, 1, 1} { // sweeps of 150 rays end in the second of five parts of 120, and so on
		done := add(t, &a, parts[i:i+1])
		if len(done) != want {
			t.Errorf("part %s gives %d sweeps, want %d", parts[i].Name, len(done), want)
		}
		all = append(all, done...)
	}
	checkSweeps(t, whole, all)
	if len(a.open) != 0 || a.waiting != 0 {
		t.Errorf("%d volumes open and %d bytes held after the end", len(a.open), a.waiting)
	}
}

func TestPartsInAnyOrder(t *testing.T) {
	parts, whole := partsOf(t, 0)
	for seed := range uint64(100 / fraction) {
		random := rand.New(rand.NewPCG(seed, 7))
		mixed := append(slices.Clone(parts), parts[random.IntN(len(parts))], parts[random.IntN(len(parts))])
		random.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		var a Assembler
		sweeps := add(t, &a, mixed)
		if left := a.Flush(); len(left) != 0 || a.waiting != 0 {
			t.Fatalf("seed %d: %d sweeps left and %d bytes held", seed, len(left), a.waiting)
		}
		checkSweeps(t, whole, sweeps)
	}
}

func TestPartsThatNeverCome(t *testing.T) {
	parts, whole := partsOf(t, 0)
	for missing := range parts {
		var a Assembler
		now := add(t, &a, slices.Delete(slices.Clone(parts), missing, missing+1))
		left := a.Flush()
		rays := 0
		for _, s := range now {
			rays += len(s.Sweeps[0].Rays)
			if s.Flaws != nil {
				t.Errorf("without part %d: a complete sweep has flaws %q", missing+1, s.Flaws)
			}
		}
		for _, s := range left {
			rays += len(s.Sweeps[0].Rays)
			if all := strings.Join(s.Flaws, "; "); !strings.Contains(all, "never came") && !strings.Contains(all, "missing") {
				t.Errorf("without part %d: what is left has flaws %q", missing+1, s.Flaws)
			}
		}
		want := 600
		if missing > 0 {
			want -= len(mustRead(t, parts[missing]).radials)
		}
		if rays != want || missing == 0 && len(left) > 0 {
			t.Errorf("without part %d: %d rays in %d + %d sweeps, want %d of %d", missing+1, rays, len(now), len(left), want, len(whole.Sweeps))
		}
	}
}

func mustRead(t *testing.T, p Part) *content {
	c, err := read(p.Data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The folders' numbers begin again after 999, and a volume may have no end: the next one has another time.
func TestVolumesFollowEachOther(t *testing.T) {
	first, _ := partsOf(t, 0)
	second, whole2 := partsOf(t, 6*time.Minute)
	third, _ := partsOf(t, 40*time.Minute)
	in := func(folder int, parts []Part) (named []Part) {
		for _, p := range parts {
			named = append(named, Part{Name: fmt.Sprintf("KFWS/%d/%s", folder, p.Name), Data: p.Data})
		}
		return named
	}
	var a Assembler
	cut := in(999, first[:len(first)-1])
	var mixed []Part
	for i, p := range in(1, second) {
		if i < len(cut) {
			mixed = append(mixed, cut[i])
		}
		mixed = append(mixed, p)
	}
	sweeps := add(t, &a, mixed)
	var of1, of2 []*radar.Scan
	for _, s := range sweeps {
		if s.Start.Before(whole2.Start) {
			of1 = append(of1, s)
		} else {
			of2 = append(of2, s)
		}
	}
	checkSweeps(t, whole2, of2)
	left := add(t, &a, in(999, third[:2])) // 40 minutes later nobody waits for the end of the first
	for _, s := range left {
		if !strings.Contains(strings.Join(s.Flaws, "; "), "last radial never came") {
			t.Errorf("flaws %q of a sweep without its end", s.Flaws)
		}
	}
	rays := 0
	for _, s := range append(of1, left...) {
		rays += len(s.Sweeps[0].Rays)
	}
	if want := 600 - len(mustRead(t, first[len(first)-1]).radials); rays != want || len(left) == 0 {
		t.Errorf("%d rays of the volume without end in %d + %d sweeps, want %d", rays, len(of1), len(left), want)
	}
	if _, err := a.Add(first[len(first)-1].Name, first[len(first)-1].Data); err == nil || !strings.Contains(err.Error(), "given up") {
		t.Errorf("the end comes after all: error %v", err)
	}
	if again, err := a.Add(cut[3].Name, cut[3].Data); err != nil || again != nil {
		t.Errorf("an old part once more gives %v, error %v", again, err)
	}
	if left := a.Expire(time.Now()); len(left) != 0 {
		t.Errorf("%d sweeps given up while parts are coming", len(left))
	}
	if !a.Holds(in(999, third)[0].Name) || a.Holds(in(999, first)[0].Name) {
		t.Error("want the last volume held, and not the first")
	}
	if over := a.Over(); !slices.Contains(over, in(999, first)[0].Name) || slices.Contains(over, in(999, third)[0].Name) {
		t.Errorf("parts of volumes that are over: %v", over)
	}
	if left := a.Expire(time.Now().Add(2 * time.Hour)); len(left) != 1 || len(a.open) != 0 {
		t.Errorf("two hours later %d sweeps left, %d volumes open, want 1 and 0", len(left), len(a.open))
	}
}

func TestStrayPart(t *testing.T) {
	parts, whole := partsOf(t, 0)
	stray, _ := partsOf(t, 1000*time.Hour) // of the future: it must not end what is open
	var a Assembler
	sweeps := add(t, &a, append(append(slices.Clone(parts[:3]), stray[2]), parts[3:]...))
	checkSweeps(t, whole, sweeps)
	for n := range maxOpen + 3 {
		many, _ := partsOf(t, time.Duration(n)*time.Second)
		add(t, &a, many[1:2])
	}
	if len(a.open) > maxOpen {
		t.Errorf("%d volumes open, want at most %d", len(a.open), maxOpen)
	}
}

func TestBadParts(t *testing.T) {
	parts, whole := partsOf(t, 0)
	var a Assembler
	for _, bad := range []Part{{Name: "notes.txt"}, {Name: parts[1].Name}, {Name: parts[1].Name, Data: []byte("junk")}, {Name: "20241399-000000-001-S", Data: parts[0].Data}} {
		if done, err := a.Add(bad.Name, bad.Data); err == nil || done != nil {
			t.Errorf("%s with %q: gives %v, error %v", bad.Name, bad.Data, done, err)
		}
	}
	checkSweeps(t, whole, add(t, &a, parts)) // the good copies come after all
}

func TestDecodeParts(t *testing.T) {
	parts, whole := partsOf(t, 0)
	stray, _ := partsOf(t, time.Hour)
	mixed := append(slices.Clone(parts), parts[2], stray[3], Part{Name: "README"})
	slices.Reverse(mixed)
	scan, err := DecodeParts(mixed)
	if err != nil {
		t.Fatal(err)
	}
	if len(scan.Flaws) != 1 || !strings.Contains(scan.Flaws[0], "1 parts of other volumes") {
		t.Errorf("flaws %q, want the stray part", scan.Flaws)
	}
	scan.Flaws = nil
	if d := difference(whole, scan); d != "" {
		t.Error(d)
	}
	scan, err = DecodeParts(slices.Delete(slices.Clone(parts), 2, 3)[:4])
	if err != nil || !slices.Equal(scan.Flaws, []string{"part 3 is missing", "the volume has no end: part 5 is the last that came"}) {
		t.Errorf("error %v, flaws %q", err, scan.Flaws)
	}
	if _, err := DecodeParts(nil); err == nil {
		t.Error("no error for no parts")
	}
}

func TestIsChunk(t *testing.T) {
	for name, want := range map[string]bool{
		"20240401-214657-001-S": true, "KHDX/12/20240401-214657-017-I": true, "20240401-214657-099-E": true,
		"20240401-214657-000-S": false, "20240401-214657-001-X": false, "20241301-214657-001-S": false, "KLBB20160601_150025_V06": false, "": false,
	} {
		if got := IsChunk(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	scan := storm([]float64{0.5, 1.5}, 6, 8)
	f.Add(packed(f, scan, 4))
	f.Add(bare(scan))
	f.Add(zipped(f, packed(f, scan, 4)))
	f.Add(legacyVolume("AR2V0001.031xxxxxxxxKTLX", 3, 2))
	f.Fuzz(func(t *testing.T, data []byte) {
		scan, err := decodeValues("KFWS", data)
		if (scan == nil) == (err == nil) {
			t.Fatalf("scan %v and error %v", scan, err)
		}
		if err != nil {
			return
		}
		for i := range scan.Sweeps {
			for _, m := range scan.Sweeps[i].Moments {
				if len(m.Values) != m.Gates.Count*len(scan.Sweeps[i].Rays) {
					t.Fatalf("%s of sweep %d has %d values for %d rays of %d gates", m.Name, i, len(m.Values), len(scan.Sweeps[i].Rays), m.Gates.Count)
				}
			}
		}
	})
}

// FuzzAssembler feeds parts of two volumes in an order, and with damage, that the fuzzer chooses: a byte each for which
// part, which of its bytes to change, and how.
func FuzzAssembler(f *testing.F) {
	first, _ := partsOf(f, 0)
	second, _ := partsOf(f, 6*time.Minute)
	parts := append(first, second...)
	f.Add([]byte{0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0, 5, 0, 0})
	f.Add([]byte{5, 0, 0, 8, 9, 9, 1, 0, 0})
	f.Fuzz(func(t *testing.T, choices []byte) {
		var a Assembler
		given := 0
		for choices = choices[:min(len(choices), 90)]; len(choices) >= 3; choices = choices[3:] {
			p := parts[int(choices[0])%len(parts)]
			data := bytes.Clone(p.Data)
			data[int(choices[1])*len(data)/256] ^= choices[2]
			done, _ := a.Add(p.Name, data)
			for _, scan := range done {
				given += len(scan.Sweeps)
			}
			if given > len(parts)*255 || a.waiting < 0 || a.waiting > maxWaiting {
				t.Fatalf("%d sweeps given and %d bytes held", given, a.waiting)
			}
		}
		a.Flush()
		if a.waiting != 0 || len(a.open) != 0 {
			t.Fatalf("%d bytes held and %d volumes open after Flush", a.waiting, len(a.open))
		}
	})
}
