package nomadtest

import (
	"fmt"
	"os"
)

// commonConfig takes the data directory, the name, and thrice the address.
const commonConfig = `
data_dir  = %q
name      = %q
bind_addr = %[3]q
advertise {
  http = %[3]q
  rpc  = %[3]q
  serf = %[3]q
}
log_level = "INFO"
disable_update_check = true
acl {
  enabled = true
}
`

// serverConfig takes a client that is not heard for 2 s for lost.
const serverConfig = `
server {
  enabled                   = true
  bootstrap_expect          = 1
  raft_multiplier           = 1
  heartbeat_grace           = "1s"
  min_heartbeat_ttl         = "1s"
  max_heartbeats_per_second = 500
}
`

// federated gives what makes a server one of another region that takes tokens and pools from the first.
func (c *Cluster) federated(region string) string {
	return fmt.Sprintf(`
region = %q
acl {
  replication_token = %q
}
server {
  authoritative_region = "global"
  server_join {
    retry_join     = ["%s:4648"]
    retry_interval = "1s"
  }
}
`, region, c.token, address(1))
}

// config denies the fingerprints that would ask the network, and keeps finished workers' folders until the test ends.
func (c Client) config(region, server string) string {
	root := ""
	if c.Root != "" {
		root = fmt.Sprintf("  chroot_env {\n    %q = \"/\"\n  }\n", c.Root)
	}
	return fmt.Sprintf(`
region     = %q
datacenter = %q
client {
  enabled           = true
  servers           = ["%s:4647"]
  node_pool         = %q
  network_interface = "lo"
  cpu_total_compute = %d
  gc_max_allocs     = 1000
  cgroup_parent     = %q
%s  options {
    "fingerprint.denylist" = "env_aws,env_gce,env_azure,env_digitalocean,consul,vault,cni,bridge"
  }
}
plugin "raw_exec" {
  config {
    enabled = true
  }
}
`, region, c.Datacenter, server, c.Pool, c.CPU, controlGroup(), root) + c.Docker.config()
}

// controlGroup is below what the clients bind workers to processors, apart from those of other tests.
func controlGroup() string { return fmt.Sprintf("/nomadtest-%d", os.Getpid()) }
