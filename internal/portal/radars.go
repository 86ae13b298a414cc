package portal

import (
	"time"

	"bowecho/internal/event"
	"bowecho/internal/portal/board"

	"github.com/prometheus/client_golang/prometheus"
)

// radars tells Prometheus how fresh each radar is, by the data's clock, and which sources' servers answer.
type radars struct{ portal *Portal }

var (
	radarAge   = prometheus.NewDesc("bowecho_radar_age_seconds", "Time of the data since a radar's last scan.", []string{"radar"}, nil)
	radarState = prometheus.NewDesc("bowecho_radar_state", "1 for how a radar keeps to its own cadence.", []string{"radar", "state"}, nil)
	radarScans = prometheus.NewDesc("bowecho_radar_scans_total", "Scans of a radar since the portal's start or what it read then.", []string{"radar"}, nil)
	sourceUp   = prometheus.NewDesc("bowecho_source_up", "1 where the server of a source answers, 0 where it does not.", []string{"source"}, nil)
	setAside   = prometheus.NewDesc("bowecho_dead_letters", "What was set aside and is kept, on which somebody should look.", nil, nil)
)

// Describe lists what there is.
func (r radars) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{radarAge, radarState, radarScans, sourceUp, setAside} {
		descs <- d
	}
}

// Collect reads the board.
func (r radars) Collect(metrics chan<- prometheus.Metric) {
	state := look(r.portal, (*board.Board).State)
	now := state.Clock.DataTime.Add(time.Duration(state.Clock.Pace * float64(time.Since(state.Clock.WallTime))))
	for _, one := range state.Radars {
		metrics <- prometheus.MustNewConstMetric(radarAge, prometheus.GaugeValue, max(0, now.Sub(one.LastScan).Seconds()), one.Name)
		metrics <- prometheus.MustNewConstMetric(radarScans, prometheus.CounterValue, float64(one.Scans), one.Name)
		for _, freshness := range []string{"ok", "late", "silent"} {
			value := 0.0
			if one.Freshness == freshness {
				value = 1
			}
			metrics <- prometheus.MustNewConstMetric(radarState, prometheus.GaugeValue, value, one.Name, freshness)
		}
	}
	for _, l := range state.Lines {
		switch l.Value {
		case event.Up:
			metrics <- prometheus.MustNewConstMetric(sourceUp, prometheus.GaugeValue, 1, l.Source)
		case event.Down:
			metrics <- prometheus.MustNewConstMetric(sourceUp, prometheus.GaugeValue, 0, l.Source)
		}
	}
	metrics <- prometheus.MustNewConstMetric(setAside, prometheus.GaugeValue, float64(state.Dead.Count))
}
