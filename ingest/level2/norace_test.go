//go:build !race

package level2

const fraction = 1
