package web

import (
	"encoding/json"
	"net/http"
)

// healthz says that the process answers.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // a client that left needs no answer
}

// readyz says whether the server should get traffic, and why not.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	reasons := s.deps.NotReady()
	if reasons == nil {
		reasons = []string{}
	}
	status := http.StatusOK
	if len(reasons) > 0 {
		status = http.StatusServiceUnavailable
	}
	body, _ := json.Marshal(map[string]any{"ready": len(reasons) == 0, "reasons": reasons}) // always encodes
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that left needs no answer
}
