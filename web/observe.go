package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"
)

// request is what the outermost layer keeps of a request.
type request struct {
	id    string
	route string
}

type requestKey struct{}

// requestID is the id that answers and log lines of a request share.
func requestID(ctx context.Context) string {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r.id
	}
	return ""
}

// setRoute tells the outermost layer which route answers, for metrics: paths
// would be without bound.
func setRoute(ctx context.Context, pattern string) {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		r.route = pattern
	}
}

// observe gives each request an id, counts and logs it, and turns a panic
// into an answer.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now() // durations are of the monotonic clock
		req := &request{id: rand.Text(), route: mountOf(r.URL.Path)}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, req))
		w.Header().Set("X-Request-Id", req.id)
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			s.finish(ww, r, req, time.Since(start))
		}()
		defer s.recover(ww, r)
		next.ServeHTTP(ww, r)
	})
}

// finish writes the access log and the metrics.
func (s *Server) finish(w middleware.WrapResponseWriter, r *http.Request, req *request, dur time.Duration) {
	status := w.Status()
	if status == 0 {
		status = http.StatusOK
	}
	s.metrics.observe(req.route, r.Method, status, dur)
	level := slog.LevelDebug
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions {
		level = slog.LevelInfo // somebody changed something, or tried to
	}
	s.deps.Log.LogAttrs(r.Context(), level, "request",
		slog.String("request", req.id), slog.String("method", r.Method), slog.String("route", req.route),
		slog.String("path", r.URL.Path), slog.Int("status", status), slog.Int("bytes", w.BytesWritten()),
		slog.Duration("dur", dur))
}

// recover answers for a handler that panicked; an aborted one stays silent.
func (s *Server) recover(w middleware.WrapResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v)
	}
	s.deps.Log.Error("handler panicked", "request", requestID(r.Context()), "path", r.URL.Path,
		"err", fmt.Sprint(v), "stack", string(debug.Stack()))
	if w.Status() == 0 {
		s.writeError(w, r, &Problem{
			Status: http.StatusInternalServerError, Code: "internal",
			Detail: "The server could not answer.", Hint: "Give the request id to whoever runs this server.",
		})
	}
}

// mountOf names the part of the server that a path belongs to.
func mountOf(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "api", "git", "logs", "healthz", "readyz", "metrics":
		return "/" + first
	}
	return "/ui"
}

func isAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

// secure sets the headers that every answer has; UI and logs set stricter or
// looser policies of their own.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}
