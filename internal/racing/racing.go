// Package racing tells tests whether the race detector watches them.
package racing

import "testing"

// Skip leaves a test out under the race detector, which makes all that calculates many times as slow. It is for those whose
// outcome does not depend on it, and whose code it watches in others.
func Skip(t testing.TB, why string) {
	t.Helper()
	if Detector {
		t.Skip("not under the race detector: " + why)
	}
}
