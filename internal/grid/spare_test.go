package grid

import "testing"

// TestWhatIsReleasedServesAnother holds that a field keeps its values as long as it is not released, whatever others do.
func TestWhatIsReleasedServesAnother(t *testing.T) {
	held, released := Unset(3, 4), Unset(30, 40)
	for i := range held.Values {
		held.Values[i] = float32(i)
	}
	released.Release()
	if released.Values != nil {
		t.Error("a field that was released still has values")
	}
	for _, size := range []int{2, 30, 50} {
		f := Unset(size, size+10)
		if f.Rows != size || f.Cols != size+10 || len(f.Values) != size*(size+10) {
			t.Errorf("asked for %d × %d cells, got %d × %d with %d values", size, size+10, f.Rows, f.Cols, len(f.Values))
		}
		for i := range f.Values {
			f.Values[i] = -1
		}
		f.Release()
	}
	for i, v := range held.Values {
		if v != float32(i) {
			t.Fatalf("value %d of a field that is held became %g", i, v)
		}
	}
}
