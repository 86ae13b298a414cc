// Package streamtest gives tests a real NATS server of their own.
package streamtest

import (
	"os"
	"testing"

	"bowecho/internal/stream"
	"bowecho/internal/stream/embedded"

	"golang.org/x/sys/unix"
)

// Connect starts an embedded server in a folder that goes with the test, and gives a client of it.
func Connect(t testing.TB) *stream.Client {
	t.Helper()
	return ConnectOn(t, t.TempDir())
}

// SmallDisk gives an empty disk of 24 MiB, which a test can fill; it takes root, without which the test is skipped.
func SmallDisk(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		if os.Getuid() == 0 && os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("a small disk takes root: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
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
