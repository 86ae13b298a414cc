package portal

import (
	"net/http"
	"strconv"
	"time"

	"bowecho/internal/portal/board"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

type metrics struct {
	registry  *prometheus.Registry
	messages  *prometheus.CounterVec
	decisions *prometheus.CounterVec
	requests  *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
}

func newMetrics(p *Portal) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bowecho_portal_messages_total", Help: "Messages read from each stream."}, []string{"stream"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bowecho_events_total", Help: "Decisions and news by kind: passed and duplicate are files that were not needed."}, []string{"kind"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bowecho_portal_requests_total", Help: "HTTP requests by route and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bowecho_portal_request_seconds", Help: "Time to answer, without streams of events.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 7)}, []string{"route"}),
	}
	m.registry.MustRegister(m.messages, m.decisions, m.requests, m.seconds, radars{p},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "bowecho_portal_listeners", Help: "Browsers that listen for events."}, func() float64 {
			now, _ := p.hub.Listeners()
			return float64(now)
		}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "bowecho_portal_listeners_dropped_total", Help: "Browsers dropped because they read too slowly."}, func() float64 {
			_, dropped := p.hub.Listeners()
			return float64(dropped)
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "bowecho_portal_data_time_seconds", Help: "Time of the newest scan, in seconds since 1970; 0: none yet."}, func() float64 {
			if t := look(p, (*board.Board).DataTime); !t.IsZero() {
				return float64(t.Unix())
			}
			return 0
		}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// counted counts requests by the pattern that served them, which is a small set whatever is asked for.
func (m *metrics) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, seen := time.Now(), &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		route := r.Pattern
		if route == "" {
			route = "none"
		}
		m.requests.WithLabelValues(route, strconv.Itoa(seen.status)).Inc()
		if route != "GET /v1/events" {
			m.seconds.WithLabelValues(route).Observe(time.Since(began).Seconds())
		}
	})
}

// recorder notes the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets a ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
