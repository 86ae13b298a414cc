// Package embedded runs a NATS server with JetStream inside the program, so that one machine needs nothing else.
package embedded

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Server is a running NATS server.
type Server struct {
	server *server.Server
	token  string
}

// Start runs a server on a free loopback port, storing below dir and syncing each write to the disk before it
// is acknowledged. A token that changes at each start keeps other users of the machine out.
func Start(dir string) (*Server, error) {
	token := rand.Text()
	s, err := server.NewServer(&server.Options{
		ServerName: "bowecho", Host: "127.0.0.1", Port: server.RANDOM_PORT, Authorization: token,
		JetStream: true, StoreDir: filepath.Join(dir, "nats"), SyncAlways: true, NoSigs: true, NoLog: true,
		MaxPayload: 1 << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("configure the embedded NATS server: %w", err)
	}
	s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		s.Shutdown()
		return nil, errors.New("the embedded NATS server was not ready after 20 s; is the data directory writable and used by no other bowecho?")
	}
	return &Server{s, token}, nil
}

// URL is where clients of this machine connect, with the token in it.
func (s *Server) URL() string {
	u, err := url.Parse(s.server.ClientURL())
	if err != nil {
		return s.server.ClientURL()
	}
	u.User = url.User(s.token)
	return u.String()
}

// Stop ends the server after what is stored has been written.
func (s *Server) Stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}
