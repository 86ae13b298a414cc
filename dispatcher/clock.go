package dispatcher

import "time"

// clock tells the time of the data: the newest scan's, going on at the pace at which scans come.
type clock struct {
	Data time.Time `json:"data"`
	Wall time.Time `json:"wall"`
	Pace float64   `json:"pace"`
}

// hear takes the time and pace of a scan. The clock never goes back.
func (c *clock) hear(data, wall time.Time, pace float64) {
	now := c.now(wall)
	if data.After(now) {
		now = data
	}
	c.Data, c.Wall, c.Pace = now, wall, pace
}

func (c *clock) now(wall time.Time) time.Time {
	return c.Data.Add(time.Duration(c.Pace * float64(max(wall.Sub(c.Wall), 0))))
}

// elsewhere is how far back a scan must lie to be of another time: a recording that is played, not a late file.
const elsewhere = time.Hour

// begin makes sure of the time that the data are of. The first scan after a start may be from long before what was
// stored, when a recording is played on a data directory that knows later weather: then everything but the learnt costs
// and what feeds say is forgotten. A scan that comes late in the midst of others is not taken for that.
func (d *Dispatcher) begin(scan time.Time) {
	if behind := d.state.Clock.Data.Sub(scan); behind > elsewhere {
		if d.current {
			return
		}
		d.log.Info("the data are of another time than those before: starting anew", "volume", scan, "before", d.state.Clock.Data)
		fresh := newState()
		fresh.Costs, fresh.Turns, fresh.Feeds = d.state.Costs, d.state.Turns, d.state.Feeds
		for _, s := range d.state.Domains {
			fresh.domain(s.Domain).Warnings = s.Warnings.Elsewhen()
		}
		d.state = fresh
	}
	d.current = true
}
