package nomad

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"bowecho/dispatcher/budget"
	"bowecho/dispatcher/fleet"
	"bowecho/dispatcher/fleet/fleettest"
	"bowecho/internal/nomadtest"

	"github.com/hashicorp/nomad/api"
)

func TestStintsConform(t *testing.T) {
	c := begin(t, "raw_exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 8000})
	f, _ := c.fleet(t, "steady")
	fleettest.ConformStints(t, f)
}

// TestTheLedgerAgreesWithTheAllocations counts workers that come and go, one of them with a client that is killed, over
// a start of the dispatcher anew. In the end it may differ by 1 % from the times that Nomad tells of each allocation.
func TestTheLedgerAgreesWithTheAllocations(t *testing.T) {
	c := begin(t, "raw_exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 200}, nomadtest.Client{Datacenter: "south", Pool: "b", CPU: 200})
	ledger := budget.NewLedger()
	f, _ := c.fleet(t, "counted")
	scale(t, f, "mosaic", 4)
	fleettest.Await(t, f, map[string]int{"mosaic": 4})
	count(t, ledger, f)
	scale(t, f, "mosaic", 3)
	fleettest.Await(t, f, map[string]int{"mosaic": 3})
	count(t, ledger, f)

	stored, err := json.Marshal(ledger)
	if err != nil {
		t.Fatal(err)
	}
	ledger = budget.NewLedger()
	if err := json.Unmarshal(stored, ledger); err != nil {
		t.Fatal(err)
	}
	f, log := c.fleet(t, "counted")
	count(t, ledger, f)
	c.Kill(t, "south")
	log.await(t, "a worker has ended", "status=lost")
	count(t, ledger, f)
	scale(t, f, "mosaic", 0)
	fleettest.Await(t, f, map[string]int{})
	count(t, ledger, f)
	got := ledger.Spending(budget.Config{Period: budget.Month}, nil, time.Now()).Seconds
	want, lost := c.allocations(t, "bowecho-counted-mosaic")
	t.Logf("the ledger has %.3f worker-seconds, the allocations %.3f", got, want)
	if lost == 0 {
		t.Error("no allocation was lost with its client")
	}
	if math.Abs(got-want) > 0.02*want { // 0.3 s: a busy machine tells of an end some tenths later
		t.Errorf("the ledger has %.3f worker-seconds, the allocations %.3f", got, want)
	}
}

func count(t *testing.T, ledger *budget.Ledger, f fleet.Timekeeper) {
	t.Helper()
	stints, err := f.Stints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ledger.Count(stints, true, time.Now())
}

// allocations adds up the time of all tasks of a job that have ended, as Nomad tells of each allocation, and counts those
// that were lost.
func (c *cloud) allocations(t *testing.T, job string) (seconds float64, lost int) {
	t.Helper()
	nomadtest.Await(t, "all tasks have ended", func() error {
		seconds, lost = 0, 0
		list, _, err := c.API.Jobs().Allocations(job, true, nil)
		if err != nil {
			return err
		}
		for _, stub := range list {
			a, _, err := c.API.Allocations().Info(stub.ID, nil)
			if err != nil {
				return err
			}
			task := a.TaskStates["work"]
			switch {
			case a.ClientStatus == api.AllocClientStatusLost:
				lost++
				seconds += time.Unix(0, a.ModifyTime).Sub(task.StartedAt).Seconds()
			case task == nil || task.StartedAt.IsZero():
			case task.FinishedAt.IsZero():
				return errors.New("one runs")
			default:
				seconds += task.FinishedAt.Sub(task.StartedAt).Seconds()
			}
		}
		return nil
	})
	return seconds, lost
}
