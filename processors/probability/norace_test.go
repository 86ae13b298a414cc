//go:build !race

package probability

const raceEnabled = false
