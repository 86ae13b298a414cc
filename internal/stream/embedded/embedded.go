// Package embedded runs a NATS server with JetStream inside the program, so that one machine needs nothing else.
package embedded

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Server is a running NATS server.
type Server struct {
	options server.Options
	url     string
	stop    chan struct{}
	stopped sync.Once
	tended  sync.WaitGroup

	mu     sync.Mutex // over what follows
	server *server.Server
	down   bool // it could not be started again
}

// Start runs a server on a free loopback port, storing below dir and syncing each write to the disk before it
// is acknowledged. A token that changes at each start keeps other users of the machine out. When the disk was full and
// has room again, the server goes on by itself, where it was.
func Start(dir string) (*Server, error) {
	s := &Server{stop: make(chan struct{}), options: server.Options{
		ServerName: "bowecho", Host: "127.0.0.1", Port: server.RANDOM_PORT, Authorization: rand.Text(),
		JetStream: true, StoreDir: filepath.Join(dir, "nats"), SyncAlways: true, NoSigs: true, NoLog: true,
		MaxPayload: 1 << 20,
	}}
	if err := s.begin(); err != nil {
		return nil, err
	}
	address, ok := s.server.Addr().(*net.TCPAddr)
	if !ok {
		s.server.Shutdown()
		return nil, errors.New("the embedded NATS server listens to no TCP port")
	}
	s.options.Port = address.Port // clients find it there again
	s.url = (&url.URL{Scheme: "nats", User: url.User(s.options.Authorization), Host: address.String()}).String()
	s.tended.Go(s.tend)
	return s, nil
}

func (s *Server) begin() error {
	options := s.options // the server keeps and changes them
	running, err := server.NewServer(&options)
	if err != nil {
		return fmt.Errorf("configure the embedded NATS server: %w", err)
	}
	running.Start()
	if !running.ReadyForConnections(20 * time.Second) {
		running.Shutdown()
		return errors.New("the embedded NATS server was not ready after 20 s; is the data directory writable and used by no other bowecho?")
	}
	s.server = running
	return nil
}

// URL is where clients of this machine connect, with the token in it.
func (s *Server) URL() string { return s.url }

// Stop ends the server after what is stored has been written. To stop it again does nothing.
func (s *Server) Stop() {
	s.stopped.Do(func() {
		close(s.stop)
		s.tended.Wait()
		s.end()
	})
}

func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.server.Shutdown()
	s.server.WaitForShutdown()
}
