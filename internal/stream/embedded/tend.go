package embedded

import (
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// lookAtHealth is how often the server is asked whether it can write.
const lookAtHealth = time.Second

// tend starts the server again when it could not write and now could. JetStream freezes a stream at the first write that
// fails, since what follows must not be stored without it, and takes it up again at a start only. Clients wait meanwhile.
func (s *Server) tend() {
	ticker := time.NewTicker(lookAtHealth)
	defer ticker.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-ticker.C:
		}
		if s.frozen() && hasRoom(s.options.StoreDir) {
			s.restart()
		}
	}
}

// frozen tells whether a write has failed, or another start.
func (s *Server) frozen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down || strings.Contains(s.server.Healthz(&server.HealthzOptions{}).Error, "write error")
}

// roomBytes is what must be free before another try: less would soon be full again.
const roomBytes = 8 << 20

// hasRoom tells whether the disk takes that much, by writing it: free space alone tells nothing of quotas and faults.
func hasRoom(dir string) bool {
	f, err := os.CreateTemp(dir, "room-*")
	if err != nil {
		return false
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := f.Write(make([]byte, roomBytes)); err != nil {
		return false
	}
	return f.Sync() == nil
}

// restart ends the server and begins it again on its port. Where that fails it is tried again at the next look.
func (s *Server) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.server.Shutdown()
	s.server.WaitForShutdown()
	s.down = s.begin() != nil
}
