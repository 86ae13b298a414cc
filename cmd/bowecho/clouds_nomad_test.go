package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/nomadtest"
	"bowecho/internal/realdata"
	"bowecho/internal/stream"
	"bowecho/internal/stream/embedded"

	"github.com/google/go-cmp/cmp"
)

// nomadClouds is a real Nomad, and bowecho as it is released.
type nomadClouds struct {
	*nomadtest.Cluster
	dockerd        *nomadtest.Docker
	program, image string // the program, and the file that docker loads
	token          string // the file that holds the dispatcher's
}

const rules = `namespace "default" { capabilities = ["list-jobs", "read-job", "submit-job", "scale-job"] }`

func startClouds(t *testing.T) *nomadClouds {
	t.Helper()
	n := &nomadClouds{}
	n.program, n.image = makeImage(t)
	n.dockerd = nomadtest.TryDocker(t)
	root := nomadtest.Closure(t, n.program)
	n.Cluster = nomadtest.Start(t,
		nomadtest.Client{Datacenter: "east", Pool: "cloud-a", CPU: 1000, Root: root, Docker: n.dockerd},
		nomadtest.Client{Datacenter: "west", Pool: "cloud-b", CPU: 1000})
	n.Federate(t, "eu", nomadtest.Client{Datacenter: "alps", Pool: "cloud-c", CPU: 1000, Root: root})
	n.token = writeFile(t, t.TempDir(), "token", []byte(n.Token(t, rules)))
	return n
}

// makeImage runs `make image`, and gives the program and the file that docker loads.
func makeImage(t *testing.T) (program, image string) {
	t.Helper()
	top := realdata.Repository(t)
	if out, err := exec.Command("make", "-C", top, "image").CombinedOutput(); err != nil {
		t.Fatalf("make image: %v\n%s", err, tail(out))
	}
	return filepath.Join(top, "bin", "bowecho"), filepath.Join(top, "bin", "image", "bowecho.tar")
}

// docker makes the image known to the daemon, or skips the test.
func (n *nomadClouds) docker(t *testing.T) {
	t.Helper()
	n.dockerd.Need(t)
	n.dockerd.Load(t, n.image)
}

// cloud gives the config of one cloud, whose workers are small.
func (n *nomadClouds) cloud(name, place, driver, variables string) string {
	return fmt.Sprintf(`
clouds:
  - name: %s
    price_per_hour: 0.04
    nomad: {address: %q, token_file: %q, %s, job: ../../deploy/nomad/worker.%s.nomad.hcl, variables: {%s cpu: "100", memory: "300"}}
`, name, n.Address, n.token, place, driver, variables)
}

// connect gives a NATS server of its own, and a client of it.
func connect(t *testing.T) (url string, client *stream.Client) {
	t.Helper()
	server, err := embedded.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	settings := stream.DefaultConfig()
	settings.URL = server.URL()
	if client, err = stream.Connect(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return server.URL(), client
}

// sameMinutes is of how many minutes of the storm products are compared.
const sameMinutes = 8

// products gives what is made of the storm's first minutes, by what it is of, as the hash of its bytes. There is one worker
// a chain: which mosaics a nowcast sees depends on those that are made when it is ordered.
func (n *nomadClouds) products(t *testing.T, clouds string) map[string]string {
	t.Helper()
	url, client := connect(t)
	o := &outside{t: t, files: realFiles(t), folder: filepath.Join(t.TempDir(), "in")}
	if err := os.Mkdir(o.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	o.feed(sameMinutes)
	began := time.Now()
	config := smallConfig(t, fmt.Sprintf("nats: {url: %q}\ndispatcher: {scaling: {max: 1}}\n", url), clouds)
	p := startFile(t, n.program, "run", "--quiet", "-c", config, "--data", t.TempDir(), "--source", "folder:"+o.folder, "--until-idle")
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, tail(p.stderr.Bytes()))
	}
	found := map[string]string{}
	note := func(what string, at time.Time, hash string) {
		key := what + at.Format(" 15:04:05")
		if found[key] != "" {
			t.Errorf("%s came twice", key)
		}
		found[key] = hash
	}
	readAll(t, client, stream.Grids, func(m stream.Message) error {
		if p, err := event.Decode[event.Pictures](m.Data); err == nil && len(p.Frames) > 0 {
			for _, f := range p.Frames {
				note(fmt.Sprintf("picture of %s in %g min", p.Product, f.LeadMinutes), p.IssueTime, f.Key)
			}
			return nil
		}
		g, err := event.Decode[event.Grid](m.Data)
		if err == nil {
			note("grid of "+g.Product, g.IssueTime, g.Key)
		}
		return err
	})
	readAll(t, client, stream.Areas, func(m stream.Message) error {
		a, err := event.Decode[event.Areas](m.Data)
		if err == nil {
			note("areas of "+a.Product, a.IssueTime, a.Key+event.ID(string(a.Collection)))
		}
		return err
	})
	t.Logf("%d products after %v", len(found), time.Since(began).Round(10*time.Millisecond))
	return found
}

func readAll(t *testing.T, client *stream.Client, from string, use func(stream.Message) error) {
	t.Helper()
	if err := client.Each(t.Context(), from, "", time.Time{}, use); err != nil {
		t.Fatal(err)
	}
}

func compareProducts(t *testing.T, where string, here, there map[string]string) {
	t.Helper()
	if !maps.Equal(here, there) {
		t.Errorf("other bytes %s (-here +there):\n%s", where, cmp.Diff(here, there))
	}
}
