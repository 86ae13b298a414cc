package dispatcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"bowecho/dispatcher/budget"
	"bowecho/dispatcher/fleet"
	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// spender adds up what workers cost, tells when a share of the budget is spent, and says what is refused then: orders of
// chains that are not essential. What had been ordered before is served. It was within the budget, costs no more than
// what waits at that moment, and a worker is never stopped in its order; then these chains' workers go.
type spender struct {
	client *stream.Client
	fleet  fleet.Timekeeper // nil: nobody keeps time, and nothing is counted
	config func() Config
	log    *slog.Logger
	now    func() time.Time
	store  jetstream.KeyValue
	stored time.Time
	fault  string            // what was last said of times that cannot be had
	untold []*event.Decision // that could not be published yet

	mu       sync.Mutex // over what follows
	ledger   *budget.Ledger
	spending event.Spending
}

func newSpender(client *stream.Client, f fleet.Fleet, config func() Config, log *slog.Logger) *spender {
	keeper, _ := f.(fleet.Timekeeper)
	return &spender{client: client, fleet: keeper, config: config, log: log, now: time.Now, ledger: budget.NewLedger()}
}

const ledgerKey = "ledger"

// restore reads what the last run had counted, so that what was refused then is from the first order on.
func (s *spender) restore(ctx context.Context, store jetstream.KeyValue) error {
	s.store = store
	entry, err := store.Get(ctx, ledgerKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read what workers have cost: %w", err)
	}
	cfg := s.config()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := json.Unmarshal(entry.Value(), s.ledger); err != nil {
		return fmt.Errorf("read what workers have cost: %w", err)
	}
	s.spending = s.ledger.Spending(cfg.Budget, cfg.essential(), s.now())
	return nil
}

// refuses tells why no order of a chain is made; empty where it is.
func (s *spender) refuses(chain string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.spending.Refused, chain) {
		return ""
	}
	spent, limit := s.spending.Spent, s.spending.Limit
	for _, own := range s.spending.Limits {
		if own.Chain == chain && own.Remaining <= 0 {
			spent, limit = own.Spent, own.Limit
		}
	}
	return fmt.Sprintf("%.4g of %.4g are spent in this %s, and the chain is not essential", spent, limit, s.spending.Period)
}

// run looks every second until ctx ends.
func (s *spender) run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for s.fleet != nil && ctx.Err() == nil {
		s.try(ctx, false)
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	return nil
}

// Settle counts what is left to count after the dispatcher and then its fleet have ended: the time that workers took to
// finish the orders in hand.
func (d *Dispatcher) Settle(ctx context.Context) {
	if d.spender.fleet != nil && d.spender.store != nil {
		d.spender.try(ctx, true)
	}
}

// try looks once. What goes wrong is logged, and tried again.
func (s *spender) try(ctx context.Context, store bool) {
	stints, err := s.fleet.Stints(ctx)
	s.tellFault(err)
	if err := s.look(ctx, stints, err == nil, store, s.now()); err != nil && ctx.Err() == nil {
		s.log.Warn("adding up what workers cost; it is tried again", "err", err)
	}
}

func (s *spender) tellFault(err error) {
	fault := ""
	if err != nil {
		fault = err.Error()
	}
	if fault != "" && s.fault == "" {
		s.log.Warn("not all workers' times are known; those of before are taken", "err", err)
	}
	s.fault = fault
}

func (s *spender) working() (workers int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, row := range s.spending.Rows {
		workers += row.Workers
	}
	return workers
}

// storeEvery is how much of a worker's time is lost when the program is killed and its workers with it.
const storeEvery = 2 * time.Second

// look counts, tells what is news, and stores it, in this order: what was not told is told again after a crash, under the
// same id.
func (s *spender) look(ctx context.Context, stints []fleet.Stint, all, store bool, now time.Time) error {
	cfg := s.config()
	s.mu.Lock()
	was := s.spending
	store = s.ledger.Count(stints, all, now) || store
	s.spending = s.ledger.Spending(cfg.Budget, cfg.essential(), now)
	is := s.spending
	for _, n := range s.ledger.Judge(cfg.Budget, is) {
		s.untold = append(s.untold, toldOf(n, is))
	}
	s.mu.Unlock()
	for len(s.untold) > 0 {
		m := s.untold[0]
		if _, err := s.client.Publish(ctx, m); err != nil {
			return err
		}
		s.log.Warn("budget", "subject", m.Subj, "value", m.Value, "reason", m.Reason)
		s.untold, store = s.untold[1:], true
	}
	changed := was.Limit != is.Limit || !was.From.Equal(is.From) || !slices.Equal(was.Refused, is.Refused)
	if !store && !changed && (s.working() == 0 || now.Sub(s.stored) < storeEvery) {
		return nil
	}
	return s.save(ctx, is, now)
}

// save stores the account, and shows it.
func (s *spender) save(ctx context.Context, shown event.Spending, now time.Time) error {
	for key, value := range map[string]any{ledgerKey: s.ledger, event.SpendingKey: shown} {
		data, err := json.Marshal(value)
		if err == nil {
			_, err = s.store.Put(ctx, key, data)
		}
		if err != nil {
			return fmt.Errorf("store the %s: %w", key, err)
		}
	}
	s.stored = now
	return nil
}

// lifted is the value of a decision that a limit is no longer spent.
const lifted = "lifted"

// toldOf tells of the budget: which share is spent, or that a limit is lifted.
func toldOf(n budget.News, s event.Spending) *event.Decision {
	subject, value := n.Chain, lifted
	if subject == "" {
		subject = "all"
	}
	if n.Percent > 0 {
		value = fmt.Sprintf("%g%%", n.Percent)
	}
	return &event.Decision{
		V: event.Version, ID: event.ID(event.Budget, subject, value, s.From.String(), fmt.Sprint(n.Limit)),
		Kind: event.Budget, Subj: subject, Value: value, Reason: n.Reason, Time: s.Time,
		Inputs: map[string]any{
			"limit": n.Limit, "spent": n.Spent, "period": s.Period, "from": s.From, "until": s.Until, "counted": s.Counted,
			"perHour": s.PerHour, "meanPerHour": s.MeanPerHour, "forecast": s.Forecast, "workerSeconds": s.Seconds,
			"rows": s.Rows, "refused": s.Refused,
		},
	}
}

// refuse tells that no order is made, though the weather calls for one.
func (d *Dispatcher) refuse(s *domainState, chain string, valid time.Time, why, reason string) {
	d.tell(&event.Decision{
		Kind: event.OrderRefused, Subj: chain, Domain: s.Domain.Name, Value: "refused", Reason: why, DataTime: valid,
		Inputs: map[string]any{"order": reason},
	})
}
