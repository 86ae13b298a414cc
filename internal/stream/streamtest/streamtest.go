// Package streamtest gives tests a real NATS server of their own.
package streamtest

import (
	"testing"

	"bowecho/internal/stream"
	"bowecho/internal/stream/embedded"
)

// Connect starts an embedded server in a folder that goes with the test, and gives a client of it.
func Connect(t testing.TB) *stream.Client {
	t.Helper()
	return ConnectOn(t, t.TempDir())
}

// ConnectOn is Connect with a server that stores below a folder.
func ConnectOn(t testing.TB, dir string) *stream.Client {
	t.Helper()
	server, err := embedded.Start(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	cfg := stream.DefaultConfig()
	cfg.URL = server.URL()
	client, err := stream.Connect(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}
