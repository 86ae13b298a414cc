package nomad

import (
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatNomadIsShown asks a server over TLS: the token, region and namespace are the config's, and whom nothing
// vouches for is not asked.
func TestWhatNomadIsShown(t *testing.T) {
	var token, query string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, query = r.Header.Get("X-Nomad-Token"), r.URL.RawQuery
		_, _ = w.Write([]byte("[]"))
	}))
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEST_NOMAD_TOKEN", "sesame")
	cfg := Config{Address: server.URL, Region: "eu", Namespace: "weather", TokenEnv: "TEST_NOMAD_TOKEN", TLS: TLS{CAFile: ca}, Job: "any"}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	client, err := cfg.connect()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := client.Jobs().List(nil); err != nil {
		t.Fatal(err)
	}
	if token != "sesame" || !strings.Contains(query, "region=eu") || !strings.Contains(query, "namespace=weather") {
		t.Errorf("shown token %q and %s", token, query)
	}
	cfg.TLS = TLS{}
	if client, err = cfg.connect(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := client.Jobs().List(nil); err == nil {
		t.Error("a server was asked that nothing vouches for")
	}
}

func TestATokenThatIsNotThereIsTold(t *testing.T) {
	t.Setenv("TEST_NOMAD_TOKEN", "")
	for word, cfg := range map[string]Config{
		"TEST_NOMAD_TOKEN": {Address: "http://h:4646", TokenEnv: "TEST_NOMAD_TOKEN"}, "token_file": {Address: "http://h:4646", TokenFile: "/nothing/here"},
	} {
		if _, err := cfg.connect(); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v, want a word on %s", err, word)
		}
	}
}

func TestVariablesThatATemplateDoesNotHave(t *testing.T) {
	const template = "../../../deploy/nomad/worker.docker.nomad.hcl"
	own := filepath.Join(t.TempDir(), "own.hcl")
	if err := os.WriteFile(own, []byte(`variable "job" { type = string }`), 0o600); err != nil {
		t.Fatal(err)
	}
	for word, c := range map[string]struct {
		file      string
		variables map[string]string
		sizes     map[string]Size
	}{
		"program":      {template, map[string]string{"program": "/bowecho"}, nil},
		"chain mosaic": {own, nil, map[string]Size{"mosaic": {MemoryMB: 500}}},
	} {
		_, err := New(Config{Address: "http://h:4646", Job: c.file, Variables: c.variables}, "a", c.sizes, nil, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v, want a word on %s", err, word)
		}
	}
	if _, err := New(Config{Address: "http://h:4646", Job: template}, "a", map[string]Size{"mosaic": {500, 500}}, nil, slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
}
