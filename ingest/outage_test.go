package ingest_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bowecho/ingest/casa"
	"bowecho/ingest/source"
	"bowecho/internal/event"
	"bowecho/internal/radar"
	"bowecho/internal/stream"

	"github.com/nats-io/nats-server/v2/server"
)

// startNATS starts a real server as on another machine: at a port and in a directory that stay, so that it can go away and
// come back.
func startNATS(t *testing.T, address, dir string) *server.Server {
	t.Helper()
	at, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "elsewhere", Host: at.IP.String(), Port: at.Port, JetStream: true, StoreDir: dir, SyncAlways: true, NoSigs: true, NoLog: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatalf("the server at %s is not ready after 20 s", address)
	}
	return s
}

func connect(t *testing.T, address string) *stream.Client {
	t.Helper()
	cfg := stream.DefaultConfig()
	cfg.URL = "nats://" + address
	client, err := stream.Connect(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// outage is how long the server is away.
const outage = time.Minute

// TestAnOutageOfNATSLosesNothing takes the server away while files flow.
func TestAnOutageOfNATSLosesNothing(t *testing.T) {
	t.Parallel()
	const sent = 150
	address, dir := freeAddress(t), t.TempDir()
	nats := startNATS(t, address, dir)
	client := connect(t, address)
	var from files
	var settled atomic.Int64
	for n := range sent {
		f := onDisk(t, t.TempDir(), file(t, n))
		f.Done = func(err error) {
			if err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
			settled.Add(1)
		}
		from = append(from, f)
	}
	var back sync.WaitGroup
	take(t, client, counted{from, func(n int) {
		if n != sent/3 {
			return
		}
		back.Go(func() {
			nats.Shutdown()
			nats.WaitForShutdown()
			before := settled.Load()
			<-time.After(outage)
			t.Logf("%d files taken when the server went, %d when it came back", before, settled.Load())
			startNATS(t, address, dir)
		})
	}})
	back.Wait()
	if got, want := tallied(t, client, sent), (tally{Sent: sent, Announced: sent}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if n := settled.Load(); n != sent {
		t.Errorf("%d files were settled, want %d", n, sent)
	}
}

// cutter is a line to a server that breaks each time so many bytes have gone up, as often as it is told.
type cutter struct {
	net.Listener
	to    string
	every int64
	cuts  atomic.Int64 // left
	made  atomic.Int64
}

func (c *cutter) serve() {
	for {
		down, err := c.Accept()
		if err != nil {
			return
		}
		go c.carry(down)
	}
}

func (c *cutter) carry(down net.Conn) {
	defer down.Close()
	up, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer up.Close()
	go func() {
		_, _ = io.Copy(down, up)
		down.Close()
	}()
	_, err = io.CopyN(up, down, c.every)
	switch {
	case err != nil:
	case c.cuts.Add(-1) >= 0:
		c.made.Add(1)
	default:
		_, _ = io.Copy(up, down)
	}
}

// large gives a scan of random values, which does not compress.
func large(n int) *radar.Scan {
	const rays, gates = 720, 3000
	scan := sweep(n)
	s := &scan.Sweeps[0]
	s.Rays = nil
	for r := range rays {
		s.Rays = append(s.Rays, radar.Ray{AzimuthDeg: float32(r) / 2, ElevationDeg: 2})
	}
	random := rand.New(rand.NewPCG(1, uint64(n)))
	values := make([]float32, rays*gates)
	for i := range values {
		values[i] = float32(random.IntN(1000))/10 - 30
	}
	s.Moments[0].Values, s.Moments[0].Gates.Count, s.Moments[0].Gates.SpacingM = values, gates, 50
	return scan
}

// TestACutInTheMiddleOfALargeScanLosesNothing breaks the line three times while large scans are being stored.
func TestACutInTheMiddleOfALargeScanLosesNothing(t *testing.T) {
	const sent, cuts = 3, 3
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	behind := freeAddress(t)
	startNATS(t, behind, t.TempDir())
	line := &cutter{Listener: listener, to: behind, every: 1 << 20}
	line.cuts.Store(cuts)
	go line.serve()
	client := connect(t, listener.Addr().String())
	var from files
	for n := range sent {
		data, err := casa.Encode(large(n))
		if err != nil {
			t.Fatal(err)
		}
		from = append(from, source.File{Name: fmt.Sprintf("large-%d.netcdf", n), Data: data, Seen: time.Now()})
	}
	take(t, client, from)
	if got, want := tallied(t, client, sent), (tally{Sent: sent, Announced: sent}); got != want || line.made.Load() != cuts {
		t.Errorf("%+v after %d cuts, want %+v after %d", got, line.made.Load(), want, cuts)
	}
	for _, s := range read[event.Scan](t, client, stream.Scans, "") {
		data, err := client.Get(t.Context(), s.Key)
		if err != nil || len(data) < 2<<20 {
			t.Errorf("%s: %d bytes, %v; want more than the line carries at once", s.File, len(data), err)
		}
	}
}
