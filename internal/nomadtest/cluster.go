package nomadtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/nomad/api"
)

// Client is a machine that workers run on. Its datacenter's name is also the agent's.
type Client struct {
	Datacenter, Pool string
	CPU              int    // MHz; what does not fit is not placed
	Root             string // what workers of the exec driver see as /; empty: nothing
	Docker           *Docker
}

// Cluster is one region with ACLs on.
type Cluster struct {
	API     *api.Client // with the management token
	Address string
	dir     string
	program string
	token   string // for management
	agents  map[string]*agent
	hosts   int // addresses that have been given to clients
}

// Server names the server among the agents.
const Server = "server"

// patience is how long anything may take on a busy machine.
const patience = 3 * time.Minute

// Start runs a server and clients until the test ends, and returns when all are ready.
func Start(t testing.TB, clients ...Client) *Cluster {
	t.Helper()
	program := binary(t)
	dir, err := os.MkdirTemp("", "nomad-")
	if err != nil {
		t.Fatal(err)
	}
	c := &Cluster{dir: dir, program: program, agents: map[string]*agent{}, Address: "http://" + address(1) + ":4646"}
	t.Cleanup(func() { c.clean(t) })
	c.add(t, Server, address(1), serverConfig)
	c.bootstrap(t)
	c.addClients(t, "global", address(1), clients)
	return c
}

// Federate adds a second region, with a server of its own and clients, that takes its tokens and pools from the first.
func (c *Cluster) Federate(t testing.TB, region string, clients ...Client) {
	t.Helper()
	for _, client := range clients {
		if _, err := c.API.NodePools().Register(&api.NodePool{Name: client.Pool}, nil); err != nil {
			t.Fatal(err)
		}
	}
	c.add(t, Server+"-"+region, address(2), serverConfig, c.federated(region))
	Await(t, "region "+region+" has joined and knows the token", func() error {
		_, _, err := c.API.Nodes().List(&api.QueryOptions{Region: region})
		return err
	})
	c.addClients(t, region, address(2), clients)
}

func (c *Cluster) addClients(t testing.TB, region, server string, clients []Client) {
	t.Helper()
	for _, client := range clients {
		c.add(t, client.Datacenter, address(11+c.hosts), client.config(region, server))
		c.hosts++
	}
	for _, client := range clients {
		c.awaitClient(t, region, client.Datacenter, true)
	}
}

// address gives a loopback address that no other test process uses.
func address(host int) string {
	id := os.Getpid()
	return fmt.Sprintf("127.%d.%d.%d", 64+id>>8%64, id&255, host)
}

// add starts an agent with what is common and its own configs, which add up.
func (c *Cluster) add(t testing.TB, name, address string, configs ...string) {
	t.Helper()
	folder := filepath.Join(c.dir, name+".config")
	for i, text := range append(configs, fmt.Sprintf(commonConfig, filepath.Join(c.dir, name), name, address)) {
		writeFile(t, filepath.Join(folder, fmt.Sprintf("%d.hcl", i)), text)
	}
	c.agents[name] = &agent{program: c.program, config: folder, log: filepath.Join(c.dir, name+".log"), mark: c.mark()}
	c.Run(t, name)
}

// bootstrap waits for the server and takes its management token.
func (c *Cluster) bootstrap(t testing.TB) {
	t.Helper()
	client, err := api.NewClient(&api.Config{Address: c.Address})
	if err != nil {
		t.Fatal(err)
	}
	Await(t, "the server leads", func() error {
		token, _, err := client.ACLTokens().Bootstrap(nil)
		if err == nil {
			c.token = token.SecretID
			client.SetSecretID(c.token)
		}
		return err
	})
	c.API = client
}

// Token gives a token that may do what a policy's rules say.
func (c *Cluster) Token(t testing.TB, rules string) string {
	t.Helper()
	if _, err := c.API.ACLPolicies().Upsert(&api.ACLPolicy{Name: "dispatcher", Rules: rules}, nil); err != nil {
		t.Fatal(err)
	}
	token, _, err := c.API.ACLTokens().Create(&api.ACLToken{Type: "client", Global: true, Policies: []string{"dispatcher"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return token.SecretID
}

// AwaitClient returns when the first region's server takes a client for ready, or for not.
func (c *Cluster) AwaitClient(t testing.TB, name string, ready bool) {
	t.Helper()
	c.awaitClient(t, "global", name, ready)
}

func (c *Cluster) awaitClient(t testing.TB, region, name string, ready bool) {
	t.Helper()
	Await(t, fmt.Sprintf("client %s is ready: %v", name, ready), func() error {
		nodes, _, err := c.API.Nodes().List(&api.QueryOptions{Region: region})
		if err != nil {
			return err
		}
		for _, n := range nodes {
			if n.Name == name && (n.Status == api.NodeStatusReady && n.Drivers["raw_exec"] != nil && n.Drivers["raw_exec"].Healthy) == ready {
				return nil
			}
		}
		return fmt.Errorf("%d nodes, not so", len(nodes))
	})
}

// Await tries until there is no error, and fails the test with the last one when there always is.
func Await(t testing.TB, what string, try func() error) {
	t.Helper()
	tick := time.NewTicker(300 * time.Millisecond) // some tries read whole streams, and workers want the processors, too
	defer tick.Stop()
	for give := time.After(patience); ; {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-give:
			t.Fatalf("%s: not after %v: %v", what, patience, err)
		}
	}
}
