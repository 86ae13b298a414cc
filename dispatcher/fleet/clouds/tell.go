package clouds

import (
	"context"
	"fmt"
	"time"

	"bowecho/dispatcher/fleet"
	"bowecho/dispatcher/placement"
	"bowecho/internal/event"
)

// Teller hands on that a cloud stands otherwise than before.
type Teller func(context.Context, *event.Decision) error

// tellChanges tells how clouds stand, of each that stands otherwise than was told. The lock is held.
func (f *Fleet) tellChanges(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	for _, m := range f.members {
		now, reason := m.condition()
		if now == m.said || m.said == "" && now == event.CloudHeld { // it has just been asked for the first time
			continue
		}
		value := now
		if now == event.CloudUp && (m.said == event.CloudFull || m.said == event.CloudSlow) {
			value, reason = event.CloudRoom, "it gives all that is asked of it"
		}
		at := time.Now().UTC()
		err := f.tell(ctx, &event.Decision{
			V: event.Version, ID: event.ID(event.CloudChange, m.Name, at.String()), Kind: event.CloudChange, Subj: m.Name,
			Value: value, Was: m.said, Reason: reason, Inputs: m.inputs(), Time: at,
		})
		if err != nil {
			m.log.Warn("telling how a cloud stands; it is tried again", "err", err)
			continue
		}
		m.said = now
	}
}

// condition gives how the cloud stands, in a word and with the reason.
func (m *member) condition() (word, reason string) {
	switch m.state() {
	case placement.Gone:
		return event.CloudGone, fmt.Sprintf("no answer for %v: its workers are asked for elsewhere: %v", goneAfter, m.err)
	case placement.Held:
		return event.CloudHeld, fmt.Sprintf("no answer: what it was asked for stands: %v", m.err)
	}
	word, reason = event.CloudUp, "it answers"
	for _, g := range m.groups {
		switch {
		case g.short && g.full != "":
			return event.CloudFull, m.trouble()
		case g.short:
			word, reason = event.CloudSlow, m.trouble()
		}
	}
	return word, reason
}

// inputs gives all that is known of the cloud.
func (m *member) inputs() map[string]any {
	chains := map[string]fleet.Share{}
	for chain := range m.groups {
		chains[chain] = m.share(chain)
	}
	return map[string]any{
		"pricePerHour": m.PricePerHour, "transferPricePerGB": m.Transfer, "limit": m.Limit, "prefer": m.Prefer, "readySeconds": m.ready.Seconds(),
		"slowAfterSeconds": m.slowAfter().Seconds(), "chains": chains,
	}
}

func (m *member) share(chain string) fleet.Share {
	word, _ := m.condition()
	s := fleet.Share{State: word, PricePerHour: m.PricePerHour, ReadySeconds: m.ready.Seconds()}
	if g := m.groups[chain]; g != nil {
		s.Asked, s.Alive = g.asked, g.alive
		if g.short {
			s.Full = g.why()
		}
	}
	return s
}

// Shares gives what each cloud has of a chain's workers, as it last told.
func (f *Fleet) Shares(chain string) map[string]fleet.Share {
	f.mu.Lock()
	defer f.mu.Unlock()
	shares := map[string]fleet.Share{}
	for _, m := range f.members {
		shares[m.Name] = m.share(chain)
	}
	return shares
}
