package main

import (
	"fmt"
	"strconv"
	"strings"
)

// numbers reads a comma list like "30,45".
func numbers(flag, list string) ([]float64, error) {
	var out []float64
	for part := range strings.SplitSeq(list, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return nil, usageError{fmt.Errorf("--%s %q: %q is not a number; want a list like 30,45", flag, list, part)}
		}
		out = append(out, v)
	}
	return out, nil
}
