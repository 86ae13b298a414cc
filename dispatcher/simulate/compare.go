package simulate

import (
	"fmt"
	"strings"
)

// unknown tells that there is no such world.
func unknown(name string) error {
	return fmt.Errorf("there is no weather %q, want one of %s", name, strings.Join(Names(), ", "))
}

// Compare runs the policy that is ours, looking ahead and not, and those that it is held against.
func Compare(s *Script) []Result {
	var list []Result
	for _, p := range []Policy{Ours("ours, ahead", true), Ours("ours", false), Static(s), Threshold(), Original()} {
		list = append(list, s.Run(p))
	}
	return list
}
