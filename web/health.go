package web

import (
	"encoding/json"
	"net/http"

	"github.com/gozer-ci/gozer/scheduler"
)

// healthz says that the process answers.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // a client that left needs no answer
}

// stoppedTenant is a tenant that can't go on, in the answer of readyz.
type stoppedTenant struct {
	Tenant scheduler.TenantName `json:"tenant"`
	State  string               `json:"state"`
	Reason string               `json:"reason"`
}

// stopped says why a tenant can't go on; empty while it works.
func (s *Server) stopped(t scheduler.TenantName) string {
	if s.deps.Stopped == nil {
		return ""
	}
	return s.deps.Stopped(t)
}

// readyz says whether the server should get traffic, and why not. Tenants that
// have stopped are named; the others keep the server ready.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	reasons := s.deps.NotReady()
	if reasons == nil {
		reasons = []string{}
	}
	status := http.StatusOK
	if len(reasons) > 0 {
		status = http.StatusServiceUnavailable
	}
	answer := map[string]any{"ready": len(reasons) == 0, "reasons": reasons}
	var stopped []stoppedTenant
	for _, t := range s.deps.Layouts.Tenants() {
		if why := s.stopped(t); why != "" {
			stopped = append(stopped, stoppedTenant{Tenant: t, State: "error", Reason: why})
		}
	}
	if stopped != nil {
		answer["tenants"] = stopped
	}
	body, _ := json.Marshal(answer) // always encodes
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that left needs no answer
}
