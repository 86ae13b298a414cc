// Package local runs workers as child processes of this program.
package local

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"bowecho/dispatcher/fleet"
)

// usualGrace is how long a worker may take to finish its order after it was asked to stop.
const usualGrace = 30 * time.Second

// Crash loops: a worker that ends by itself is replaced after a delay that doubles up to slowest, and that is
// forgotten once one has lived for healthy.
const (
	fastest = 200 * time.Millisecond
	slowest = 30 * time.Second
	healthy = time.Minute
)

// Fleet is the workers of this machine.
type Fleet struct {
	command func(chain string) []string
	env     []string
	log     *slog.Logger
	grace   time.Duration

	mu     sync.Mutex
	ctx    context.Context // of Run; nil before and after
	stops  map[string][]context.CancelFunc
	alive  map[string]int
	wanted map[string]int
	stints []fleet.Stint
	ranks  map[string]int // priorities of the chains
	wait   sync.WaitGroup
}

// New gives a fleet whose workers are started by a command each, with more environment than this program's own.
func New(command func(chain string) []string, env []string, log *slog.Logger) *Fleet {
	return &Fleet{
		command: command, env: env, log: log.With("stage", "fleet"), grace: usualGrace,
		stops: map[string][]context.CancelFunc{}, alive: map[string]int{}, wanted: map[string]int{},
	}
}

// Run lets workers run until ctx ends; then it stops them all and returns when the last has gone.
func (f *Fleet) Run(ctx context.Context) error {
	f.mu.Lock()
	f.ctx = ctx
	for chain := range f.wanted {
		f.adjust(chain)
	}
	f.mu.Unlock()
	<-ctx.Done()
	f.mu.Lock()
	f.ctx = nil
	f.mu.Unlock()
	f.wait.Wait()
	return nil
}

// Scale sets how many workers of a chain there shall be.
func (f *Fleet) Scale(_ context.Context, chain string, count int, _ string) error {
	if err := fleet.CheckCount(chain, count); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wanted[chain] = count
	if f.ctx != nil {
		f.adjust(chain)
	}
	return nil
}

// Count gives how many workers of each chain are alive.
func (f *Fleet) Count(context.Context) (map[string]int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.alive), nil
}

// Rank takes the priorities of the chains. They hold for workers that start from now on.
func (f *Fleet) Rank(priorities map[string]int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ranks = priorities
}

// Full tells nothing: a machine takes every process, and gets slow.
func (f *Fleet) Full(string) string { return "" }

// adjust starts or stops places for workers; the newest goes first. The lock is held.
func (f *Fleet) adjust(chain string) {
	for len(f.stops[chain]) < f.wanted[chain] {
		ctx, stop := context.WithCancel(f.ctx)
		f.stops[chain] = append(f.stops[chain], stop)
		f.wait.Go(func() { f.occupy(ctx, chain) })
	}
	for n := len(f.stops[chain]); n > f.wanted[chain]; n-- {
		f.stops[chain][n-1]()
		f.stops[chain] = f.stops[chain][:n-1]
	}
}

// occupy keeps one worker alive until it is no longer wanted.
func (f *Fleet) occupy(ctx context.Context, chain string) {
	for delay := fastest; ctx.Err() == nil; {
		started := time.Now()
		err := f.work(ctx, chain)
		if ctx.Err() != nil {
			return
		}
		if time.Since(started) > healthy {
			delay = fastest
		}
		f.log.Warn("a worker ended by itself", "chain", chain, "again in", delay, "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(delay):
		}
		delay = min(2*delay, slowest)
	}
}

// work runs one child process, whose log goes where this program's goes. It is asked to stop when ctx ends, and dies
// with this program.
func (f *Fleet) work(ctx context.Context, chain string) error {
	args := f.command(chain)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), f.env...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	// Ctrl-C in a terminal reaches the whole group: workers get one of their own, and are asked in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = f.grace
	// The death signal is sent when the thread that started the child ends, not when the process does.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	defer f.ends(chain, f.begins(chain, cmd.Process.Pid, started))
	// Of a process alone only the first thread would be meant.
	if err := syscall.Setpriority(syscall.PRIO_PGRP, cmd.Process.Pid, f.nice(chain)); err != nil {
		f.log.Warn("a worker runs as urgent as any", "chain", chain, "err", err)
	}
	return cmd.Wait()
}

// nicest is the nice value of workers of priority 0. Each step takes about a fifth of the processor's time away from a
// process that competes with others: of two chains whose priorities are 50 apart, one gets nine times what the other gets.
const nicest = 19

// nice gives what a worker yields to others, to the dispatcher and the ingest most of all: 0 where nothing is known of
// its chain, since then none is less urgent than another.
func (f *Fleet) nice(chain string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	priority, known := f.ranks[chain]
	if !known {
		return 0
	}
	return (100 - priority) * nicest / 100
}
