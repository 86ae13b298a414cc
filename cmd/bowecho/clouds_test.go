package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"bowecho/internal/config"
)

// TestEveryCloudIsShown holds that deploy/config/clouds.yaml has each kind and every key, and is valid.
func TestEveryCloudIsShown(t *testing.T) {
	const file = "../../deploy/config/clouds.yaml"
	shown := defaultConfig()
	if err := config.Load(file, &shown); err != nil {
		t.Fatal(err)
	}
	if err := shown.validate(); err != nil {
		t.Error(err)
	}
	if len(shown.Clouds) != 2 || shown.Clouds[0].Local == nil || shown.Clouds[1].Nomad == nil {
		t.Errorf("clouds %+v, want one of each kind", shown.Clouds)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"name", "price_per_hour", "transfer_price_per_gb", "limit", "prefer", "chains", "ready", "mbit_per_s", "local", "nomad", "address", "region", "namespace",
		"datacenters", "node_pool", "token_env", "token_file", "tls", "ca_file", "cert_file", "key_file", "server_name", "job", "variables", "nats"}
	for _, key := range keys {
		if !regexp.MustCompile(`(?m)^[ -]+` + key + `:`).Match(text) {
			t.Errorf("%s does not show %s", file, key)
		}
	}
}

func TestCloudMistakesAreNamed(t *testing.T) {
	const job = "job: ../../deploy/nomad/worker.exec.nomad.hcl"
	for name, c := range map[string]struct{ yaml, want string }{
		"no kind":        {"clouds: [{name: x}]", "want one kind"},
		"two of a name":  {"clouds: [{name: x, local: {}}, {name: x, local: {}}]", `two named "x"`},
		"no such chain":  {"clouds: [{name: x, chains: [hail], local: {}}]", `"hail", which is no chain`},
		"misspelt":       {"clouds: [{name: x, nomad: {adress: 'http://h:4646'}}]", `did you mean "address"`},
		"own line":       {"clouds: [{name: x, mbit_per_s: 5, local: {}}]", "local is this machine"},
		"no such line":   {"clouds: [{name: x, mbit_per_s: -5, local: {}}]", "mbit_per_s is -5"},
		"no scheme":      {"clouds: [{name: x, nomad: {address: 'h:4646', " + job + "}}]", "https://nomad.example.org:4646"},
		"no template":    {"clouds: [{name: x, nomad: {address: 'http://h:4646'}}]", "deploy/nomad"},
		"two tokens":     {"clouds: [{name: x, nomad: {address: 'http://h:4646', token_env: A, token_file: b, " + job + "}}]", "want one"},
		"half a key":     {"clouds: [{name: x, nomad: {address: 'https://h:4646', tls: {cert_file: a}, " + job + "}}]", "cert_file and key_file"},
		"ours to give":   {"clouds: [{name: x, nomad: {address: 'http://h:4646', variables: {chain: a}, " + job + "}}]", "given by itself"},
		"tls without it": {"clouds: [{name: x, nomad: {address: 'http://h:4646', tls: {ca_file: a}, " + job + "}}]", "want https"},
	} {
		t.Run(name, func(t *testing.T) {
			_, code, stderr := output(t, "run", "-c", writeFile(t, t.TempDir(), "c.yaml", []byte(c.yaml)))
			if code != exitUsage || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, %q; want %d and %q", code, stderr, exitUsage, c.want)
			}
		})
	}
}
