package stream_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
)

// orderOf makes one order of a chain.
func orderOf(chain string, n int) *event.Order {
	now := time.Now().UTC()
	return &event.Order{
		V: event.Version, ID: fmt.Sprint(chain, n), Chain: chain, Worker: chain, ValidTime: now, Ordered: now,
		Domain: grid.Centred("dfw", 32.65, -97, 10, 10, 250),
	}
}

func publishOrders(t *testing.T, c *stream.Client, chain string, n int) {
	t.Helper()
	for i := range n {
		if _, err := c.Publish(t.Context(), orderOf(chain, i)); err != nil {
			t.Fatal(err)
		}
	}
}

// worker gives the consumer that a chain's workers share.
func worker(t *testing.T, c *stream.Client, chain string) jetstream.Consumer {
	t.Helper()
	consumer, err := c.JS.CreateOrUpdateConsumer(t.Context(), stream.Work, jetstream.ConsumerConfig{
		Durable: stream.WorkConsumer(chain), FilterSubject: "work." + chain + ".>", AckPolicy: jetstream.AckExplicitPolicy,
	})
	if err != nil {
		t.Fatal(err)
	}
	return consumer
}

// take gives some orders to a worker, which acknowledges the first ones.
func take(t *testing.T, consumer jetstream.Consumer, n, acked int) {
	t.Helper()
	batch, err := consumer.Fetch(n, jetstream.FetchMaxWait(5*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for m := range batch.Messages() {
		if got++; got <= acked {
			if err := m.DoubleAck(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got != n {
		t.Fatalf("%d orders came, want %d: %v", got, n, batch.Error())
	}
}

func TestQueueTellsWhatWaitsAndWhatRuns(t *testing.T) {
	c := streamtest.Connect(t)
	expect := func(chain string, waiting, running int, old bool) {
		t.Helper()
		q, err := c.Queue(t.Context(), chain)
		if err != nil || q.Waiting != waiting || q.Running != running || (q.Age > 0) != old {
			t.Errorf("%s: %+v, %v; want %d waiting and %d running, with an age: %v", chain, q, err, waiting, running, old)
		}
	}
	expect("mosaic", 0, 0, false)
	publishOrders(t, c, "mosaic", 5)
	publishOrders(t, c, "picture", 2)
	expect("mosaic", 5, 0, true) // nobody has ever served it
	consumer := worker(t, c, "mosaic")
	expect("mosaic", 5, 0, true)
	take(t, consumer, 3, 1)
	expect("mosaic", 2, 2, true)
	take(t, consumer, 2, 2)
	expect("mosaic", 0, 2, false)
	expect("picture", 2, 0, true)
}

// cluster starts three servers that know each other.
func cluster(t *testing.T) (servers []*server.Server) {
	t.Helper()
	var routes []*url.URL
	for range 3 {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		routes = append(routes, &url.URL{Scheme: "nats", Host: free.Addr().String()})
		if err := free.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i, own := range routes {
		port, err := strconv.Atoi(own.Port())
		if err != nil {
			t.Fatal(err)
		}
		s, err := server.NewServer(&server.Options{
			ServerName: fmt.Sprint("n", i), Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(),
			NoSigs: true, NoLog: true, Routes: routes, Cluster: server.ClusterOpts{Name: "three", Host: "127.0.0.1", Port: port},
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() {
			s.Shutdown()
			s.WaitForShutdown()
		})
		servers = append(servers, s)
	}
	for _, s := range servers {
		if !s.ReadyForConnections(30 * time.Second) {
			t.Fatal("a server of the cluster was not ready")
		}
	}
	return servers
}

// TestAFollowerIsNotAsked reads a queue through each of three servers, and holds that nobody answers once two are away:
// what the third knows may be old.
func TestAFollowerIsNotAsked(t *testing.T) {
	servers := cluster(t)
	connect := func(s *server.Server) *stream.Client {
		cfg := stream.DefaultConfig()
		cfg.URL, cfg.Replicas = s.ClientURL(), 3
		for {
			c, err := stream.Connect(t.Context(), cfg)
			if err == nil {
				t.Cleanup(c.Close)
				return c
			}
			if t.Context().Err() != nil {
				t.Fatal(err)
			}
		}
	}
	var clients []*stream.Client
	for _, s := range servers {
		clients = append(clients, connect(s))
	}
	publishOrders(t, clients[0], "mosaic", 5)
	take(t, worker(t, clients[1], "mosaic"), 3, 1)
	for i, c := range clients {
		if q, err := c.Queue(t.Context(), "mosaic"); err != nil || q.Waiting != 2 || q.Running != 2 {
			t.Errorf("through server %d: %+v, %v; want 2 waiting and 2 running", i, q, err)
		}
	}
	for _, s := range servers[:2] {
		s.Shutdown()
		s.WaitForShutdown()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if q, err := clients[2].Queue(ctx, "mosaic"); err == nil {
		t.Errorf("with no leader anywhere the queue is told to be %+v, want an error", q)
	}
}
