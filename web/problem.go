package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/gozer-ci/gozer/internal/auth"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// Problem is an answer that refuses, as RFC 9457 has it.
type Problem struct {
	Status int
	// Code is a key of statusOf.
	Code string
	// Detail says what is wrong, Hint what to do about it.
	Detail, Hint string
	cause        error // told to the log only
}

func (p *Problem) Error() string {
	if p.cause != nil {
		return p.cause.Error()
	}
	return p.Detail
}

func (p *Problem) Unwrap() error { return p.cause }

// statusOf maps the codes of refusals to HTTP; the set is closed.
var statusOf = map[string]int{
	"invalid":         http.StatusBadRequest,
	"unauthenticated": http.StatusUnauthorized,
	"forbidden":       http.StatusForbidden,
	"not_found":       http.StatusNotFound,
	"conflict":        http.StatusConflict,
	"exhausted":       http.StatusTooManyRequests,
	"unavailable":     http.StatusServiceUnavailable,
	"internal":        http.StatusInternalServerError,
}

func notFound(detail, hint string) *Problem {
	return &Problem{Status: http.StatusNotFound, Code: "not_found", Detail: detail, Hint: hint}
}

func invalid(format string, args ...any) *Problem {
	return &Problem{Status: http.StatusBadRequest, Code: "invalid", Detail: fmt.Sprintf(format, args...)}
}

// problemOf turns the error of a handler into what the client may know.
func problemOf(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if r, ok := errors.AsType[*scheduler.Rejection](err); ok {
		if status, known := statusOf[r.Code]; known && status != http.StatusInternalServerError {
			return &Problem{Status: status, Code: r.Code, Detail: r.Error()}
		}
	}
	if e, ok := errors.AsType[*source.Error](err); ok {
		if status, known := statusOf[e.Code]; known {
			return &Problem{Status: status, Code: e.Code, Detail: e.Message}
		}
	}
	return &Problem{
		Status: http.StatusInternalServerError, Code: "internal",
		Detail: "The server could not answer.",
		Hint:   "Try again; if it stays, give the request id to whoever runs this server: its log says more.",
		cause:  err,
	}
}

// problemBody is the JSON form.
type problemBody struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
	RequestID string `json:"request_id"`
	Hint      string `json:"hint,omitempty"`
}

// writeError answers a request that failed. Server faults are logged here and
// nowhere else.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	if e, ok := errors.AsType[*auth.Error](err); ok {
		writeUnauthenticated(w, e)
		return
	}
	p := problemOf(err)
	id := requestID(r.Context())
	if p.Code == "internal" && r.Context().Err() == nil {
		s.deps.Log.Error("request failed", "request", id, "route", r.URL.Path, "err", err)
	}
	body, _ := json.Marshal(problemBody{ // strings and numbers always encode
		Type: "about:blank", Title: http.StatusText(p.Status), Status: p.Status,
		Detail: p.Detail, Code: p.Code, RequestID: id, Hint: p.Hint,
	})
	h := w.Header()
	h.Del("Etag")
	h.Del("Last-Modified")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // a client that left needs no answer
}

// writeUnauthenticated answers 401 as Zuul does.
func writeUnauthenticated(w http.ResponseWriter, e *auth.Error) {
	body, _ := json.Marshal(map[string]string{ // strings always encode
		"description": e.Description, "error": e.Name, "realm": e.Realm,
	})
	h := w.Header()
	h.Set("WWW-Authenticate", fmt.Sprintf("Bearer realm=%q error=%q error_description=%q", e.Realm, e.Name, e.Description))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = w.Write(body)
}
