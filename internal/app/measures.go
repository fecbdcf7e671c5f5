package app

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/scheduler"
)

// measures are the metrics of deciding. Labels are bounded: tenants and results.
type measures struct {
	commits  *prometheus.CounterVec
	commands *prometheus.CounterVec
	decide   prometheus.Histogram
	append   prometheus.Histogram
	builds   *prometheus.CounterVec
	merged   *prometheus.CounterVec
	stopped  *prometheus.GaugeVec
	lost     *prometheus.CounterVec
}

func newMeasures(r prometheus.Registerer) *measures {
	seconds := []float64{.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .1, .5, 2.5}
	m := &measures{
		commits:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gozer_commits_total", Help: "Commits to the log."}, []string{"tenant"}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gozer_commands_total", Help: "Commands decided."}, []string{"tenant"}),
		decide:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "gozer_settle_seconds", Help: "Time to decide one commit.", Buckets: seconds}),
		append:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "gozer_append_seconds", Help: "Time to make one commit durable.", Buckets: seconds}),
		builds:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gozer_builds_total", Help: "Builds that ended, by result."}, []string{"tenant", "result"}),
		merged:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gozer_items_merged_total", Help: "Items that merged."}, []string{"tenant"}),
	}
	m.stopped = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "gozer_tenant_stopped", Help: "1 for a tenant that can't go on until it is released."}, []string{"tenant"})
	m.lost = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gozer_events_dropped_total", Help: "Events that a stopped tenant could not take."}, []string{"tenant"})
	r.MustRegister(m.commits, m.commands, m.decide, m.append, m.builds, m.merged, m.stopped, m.lost,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// commit counts one commit.
func (m *measures) commit(c engine.Commit) {
	t := string(c.Tenant)
	m.commits.WithLabelValues(t).Inc()
	m.commands.WithLabelValues(t).Add(float64(c.Commands))
	m.decide.Observe(c.Decide.Seconds())
	m.append.Observe(c.Append.Seconds())
	for _, e := range c.Events {
		switch e := e.(type) {
		case scheduler.BuildCompleted:
			m.builds.WithLabelValues(t, string(e.Result)).Inc()
		case scheduler.ReportCompleted:
			if e.Merged {
				m.merged.WithLabelValues(t).Inc()
			}
		}
	}
}

// stop, lose and release follow a tenant that can't go on.
func (m *measures) stop(t scheduler.TenantName) { m.stopped.WithLabelValues(string(t)).Set(1) }

func (m *measures) lose(t scheduler.TenantName, events int) {
	m.lost.WithLabelValues(string(t)).Add(float64(events))
}

func (m *measures) release(t scheduler.TenantName) { m.stopped.WithLabelValues(string(t)).Set(0) }

// forget drops the metrics of a tenant that left.
func (m *measures) forget(t scheduler.TenantName) {
	m.stopped.DeleteLabelValues(string(t))
	for _, v := range []*prometheus.CounterVec{m.commits, m.commands, m.builds, m.merged, m.lost} {
		v.DeletePartialMatch(prometheus.Labels{"tenant": string(t)})
	}
}
