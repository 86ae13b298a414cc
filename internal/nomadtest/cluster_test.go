package nomadtest

import (
	"os"
	"slices"
	"testing"

	"github.com/hashicorp/nomad/api"
)

func TestAKilledClientIsMissedAndComesBack(t *testing.T) {
	c := Start(t, Client{Datacenter: "north", Pool: "a", CPU: 1000}, Client{Datacenter: "south", Pool: "b", CPU: 1000})
	pools, _, err := c.API.NodePools().List(nil)
	if err != nil || !slices.ContainsFunc(pools, func(p *api.NodePool) bool { return p.Name == "b" }) {
		t.Errorf("pools %v, %v; want b among them", pools, err)
	}
	c.Kill(t, "south")
	c.AwaitClient(t, "south", false)
	c.AwaitClient(t, "north", true)
	c.Run(t, "south")
	c.AwaitClient(t, "south", true)
	if limited, err := api.NewClient(&api.Config{Address: c.Address, SecretID: c.Token(t, `namespace "default" { policy = "read" }`)}); err != nil {
		t.Error(err)
	} else if _, _, err := limited.ACLTokens().List(nil); err == nil {
		t.Error("a token for reading jobs lists tokens")
	}
}

func TestClosureHoldsTheLibraries(t *testing.T) {
	root := Closure(t, "/bin/sh")
	for _, path := range []string{"/sh", "/etc/passwd"} {
		if _, err := os.Stat(root + path); err != nil {
			t.Error(err)
		}
	}
}
