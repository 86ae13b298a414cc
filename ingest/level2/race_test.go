//go:build race

package level2

// fraction of the cases that are tried: under the race detector bzip2 takes twenty times as long.
const fraction = 20
