package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gozer-ci/gozer/scheduler"
)

// httpMetrics counts requests by route, never by path.
type httpMetrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	streams  *prometheus.GaugeVec
	dropped  *prometheus.CounterVec
}

func newHTTPMetrics(r prometheus.Registerer) (*httpMetrics, error) {
	m := &httpMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gozer_http_requests_total", Help: "HTTP requests answered.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gozer_http_request_seconds", Help: "Time to answer HTTP requests.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, 1, 5, 30},
		}, []string{"route"}),
		streams: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "gozer_http_streams", Help: "Open streams by kind: console, websocket, events.",
		}, []string{"kind"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gozer_http_streams_dropped_total", Help: "Streams closed because the client was too slow.",
		}, []string{"kind"}),
	}
	var errs []error
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.streams, m.dropped} {
		errs = append(errs, r.Register(c))
	}
	return m, errors.Join(errs...)
}

func (m *httpMetrics) observe(route, method string, status int, dur time.Duration) {
	switch method {
	case get, post, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete:
	default:
		method = "other" // methods are free text
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(dur.Seconds())
}

func (s *Server) metricsHandler() http.Handler {
	return promhttp.HandlerFor(s.deps.Metrics, promhttp.HandlerOpts{Registry: s.deps.Metrics})
}

// liveMetrics reads gauges from the live state when they are asked for.
type liveMetrics struct {
	live    Live
	tenants func() []scheduler.TenantName
}

var (
	descSeq     = prometheus.NewDesc("gozer_commit_sequence", "Last commit in the live state.", []string{"tenant"}, nil)
	descInbox   = prometheus.NewDesc("gozer_inbox_entries", "Trigger events and enqueue requests not yet handled.", []string{"tenant"}, nil)
	descReports = prometheus.NewDesc("gozer_reports_open", "Reports not yet confirmed by their source.", []string{"tenant"}, nil)
	descErrors  = prometheus.NewDesc("gozer_config_errors", "Errors and warnings of the configuration.", []string{"tenant"}, nil)
	descItems   = prometheus.NewDesc("gozer_queue_items", "Items in the queues of a pipeline.", []string{"tenant", "pipeline"}, nil)
	descBuilds  = prometheus.NewDesc("gozer_builds", "Builds of items in pipelines, by state: waiting, running.", []string{"tenant", "state"}, nil)
)

// Describe implements prometheus.Collector.
func (m *liveMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descSeq, descInbox, descReports, descErrors, descItems, descBuilds} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (m *liveMetrics) Collect(ch chan<- prometheus.Metric) {
	for _, t := range m.tenants() {
		var found []prometheus.Metric
		// A tenant that is not loaded yet has no gauges.
		_ = m.live.View(t, func(s *scheduler.State, seq uint64) { found = measure(s, seq) })
		for _, metric := range found {
			ch <- metric
		}
	}
}

// measure runs under the lock of the live state.
func measure(s *scheduler.State, seq uint64) []prometheus.Metric {
	tenant := string(s.Tenant)
	gauge := func(d *prometheus.Desc, v int, labels ...string) prometheus.Metric {
		return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), append([]string{tenant}, labels...)...)
	}
	out := []prometheus.Metric{
		gauge(descSeq, int(seq)), gauge(descInbox, len(s.Inbox)),
		gauge(descReports, len(s.Reports)), gauge(descErrors, s.LayoutErrors),
	}
	waiting, running := 0, 0
	for _, p := range s.Pipelines {
		items := 0
		for _, q := range p.Queues {
			items += len(q.Items)
			for _, item := range q.Items {
				w, r := buildsOf(item)
				waiting, running = waiting+w, running+r
			}
		}
		out = append(out, gauge(descItems, items, string(p.Config.Name)))
	}
	return append(out, gauge(descBuilds, waiting, "waiting"), gauge(descBuilds, running, "running"))
}

func buildsOf(item *scheduler.Item) (waiting, running int) {
	if item.Buildset == nil {
		return 0, 0
	}
	for _, job := range item.Buildset.Jobs {
		switch {
		case job.Build == nil || job.Build.Result != "":
		case job.Build.StartedAt.IsZero():
			waiting++
		default:
			running++
		}
	}
	return waiting, running
}
