package nomad

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/hashicorp/nomad/api"
)

// Config is where in Nomad workers run, and as what.
type Config struct {
	Address     string            `yaml:"address"`
	Region      string            `yaml:"region"`      // empty: that of the server that is asked
	Namespace   string            `yaml:"namespace"`   // empty: default
	Datacenters []string          `yaml:"datacenters"` // with * for any letters; empty: all
	NodePool    string            `yaml:"node_pool"`   // empty: default
	TokenEnv    string            `yaml:"token_env"`   // the variable that holds the ACL token, or
	TokenFile   string            `yaml:"token_file"`  // the file that does
	TLS         TLS               `yaml:"tls"`
	Job         string            `yaml:"job"`       // the file of the job's template
	Variables   map[string]string `yaml:"variables"` // of the template
	NATS        string            `yaml:"nats"`      // the server as workers there reach it; empty: as we do
}

// TLS is what to trust and to show, as PEM files.
type TLS struct {
	CAFile     string `yaml:"ca_file"`
	CertFile   string `yaml:"cert_file"`
	KeyFile    string `yaml:"key_file"`
	ServerName string `yaml:"server_name"` // in the server's certificate, like server.global.nomad; empty: the address
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	at, err := url.Parse(c.Address)
	switch {
	case err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https":
		return fmt.Errorf("nomad.address is %q, want http:// or https:// and a host with port, like https://nomad.example.org:4646", c.Address)
	case c.Job == "":
		return errors.New("nomad.job is empty, want the file of a job's template, like those in deploy/nomad")
	case c.TokenEnv != "" && c.TokenFile != "":
		return errors.New("nomad.token_env and nomad.token_file are both there, want one")
	case (c.TLS.CertFile == "") != (c.TLS.KeyFile == ""):
		return errors.New("nomad.tls has one of cert_file and key_file, want both or none")
	case at.Scheme == "http" && c.TLS != TLS{}:
		return fmt.Errorf("nomad.tls is there, but the address is %s, want https", c.Address)
	}
	for _, ours := range []string{"job", "chain", "nats_url", "release"} {
		if _, there := c.Variables[ours]; there {
			return fmt.Errorf("nomad.variables has %s, which each job is given by itself", ours)
		}
	}
	return nil
}

// connect gives a client. The token is read anew at each start.
func (c Config) connect() (*api.Client, error) {
	token, err := c.token()
	if err != nil {
		return nil, err
	}
	client, err := api.NewClient(&api.Config{
		Address: c.Address, Region: c.Region, Namespace: c.Namespace, SecretID: token,
		TLSConfig: &api.TLSConfig{
			CACert: c.TLS.CAFile, ClientCert: c.TLS.CertFile, ClientKey: c.TLS.KeyFile, TLSServerName: c.TLS.ServerName,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("prepare to ask Nomad at %s: %w", c.Address, err)
	}
	return client, nil
}

func (c Config) token() (string, error) {
	switch {
	case c.TokenEnv != "":
		token := os.Getenv(c.TokenEnv)
		if token == "" {
			return "", fmt.Errorf("the variable %s is empty, want Nomad's ACL token; nomad.token_env names it", c.TokenEnv)
		}
		return token, nil
	case c.TokenFile != "":
		token, err := os.ReadFile(c.TokenFile)
		if err != nil {
			return "", fmt.Errorf("read Nomad's ACL token, as nomad.token_file says: %w", err)
		}
		return string(bytes.TrimSpace(token)), nil
	}
	return "", nil
}
