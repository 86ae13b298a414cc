//go:build race

package racing

// Detector tells that the race detector is on.
const Detector = true
