//go:build race

package probability

const raceEnabled = true
