package web

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	gozer "github.com/gozer-ci/gozer"
)

// Server answers HTTP requests. It is safe for concurrent use.
type Server struct {
	cfg     Config
	deps    Deps
	doc     *openapi3.T
	metrics *httpMetrics
	status  statusCache
	past    pastCache
	router  chi.Router
	opened  time.Time // when New was called
	// stopping ends with Stop, and all streams with it.
	stopping context.Context
	stop     context.CancelFunc
	patience time.Duration // streamPatience, but in tests
}

// contract parses the embedded document once; nothing ever changes it.
var contract = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(gozer.OpenAPI) })

// New checks that the contract can be served and builds the routes.
func New(cfg Config, deps Deps) (*Server, error) {
	doc, err := contract()
	if err != nil {
		return nil, fmt.Errorf("load openapi.yaml: %w", err)
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = maxBody
	}
	s := &Server{cfg: cfg, deps: deps, doc: doc, opened: deps.Now(), patience: streamPatience}
	s.stopping, s.stop = context.WithCancel(context.Background())
	if s.metrics, err = newHTTPMetrics(deps.Metrics); err != nil {
		return nil, fmt.Errorf("register http metrics: %w", err)
	}
	if err := deps.Metrics.Register(&liveMetrics{live: deps.Live, tenants: deps.Layouts.Tenants}); err != nil {
		return nil, fmt.Errorf("register live metrics: %w", err)
	}
	if s.router, err = s.api(); err != nil {
		return nil, err
	}
	return s, nil
}

// NewHTTPServer wraps a handler in a server with limits that fit this package:
// slow headers are cut off, streams may last.
func NewHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}

// Handler answers every path.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.metricsHandler())
	mux.HandleFunc("GET /openapi.yaml", s.serveContract)
	mux.HandleFunc("GET /logs/{build}/{path...}", s.serveLog)
	mux.Handle("/git/", orNotFound(s, s.deps.Git))
	mux.Handle("/", orNotFound(s, s.deps.UI))
	// The mux cleans paths by redirecting, which would break escaped slashes,
	// so API requests go around it.
	all := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isAPI(r.URL.Path) {
			s.router.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
	return s.observe(secure(all))
}

// orNotFound is h, or a refusal when h is nil.
func orNotFound(s *Server, h http.Handler) http.Handler {
	if h != nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.writeError(w, r, notFound("There is nothing at this path.", ""))
	})
}

// api builds the router of everything under /api.
func (s *Server) api() (chi.Router, error) {
	r := chi.NewRouter()
	r.Use(collapseSlashes(s.hasAuth()), middleware.GetHead)
	methods := make(map[string][]string)
	for _, rt := range routes {
		if s.hidden(rt) {
			continue
		}
		op, err := s.operation(rt)
		if err != nil {
			return nil, err
		}
		r.Method(rt.method, rt.pattern, s.endpoint(rt, op))
		methods[rt.pattern] = append(methods[rt.pattern], rt.method)
	}
	for _, ny := range notYet {
		rt := route{ny.method, ny.pattern, read, (*Server).refuseNotYet}
		r.Method(rt.method, rt.pattern, s.endpoint(rt, nil))
		methods[rt.pattern] = append(methods[rt.pattern], rt.method)
	}
	for pattern, allowed := range methods {
		r.Method(http.MethodOptions, pattern, preflight(allowed))
	}
	r.NotFound(s.unknownPath)
	r.MethodNotAllowed(s.wrongMethod)
	return r, nil
}

// hasAuth reports whether anybody can authenticate.
func (s *Server) hasAuth() bool { return len(s.deps.Auth.Realms()) > 0 }

// hidden reports whether rt does not exist in this installation: without an
// authenticator the routes that need a token are not there.
func (s *Server) hidden(rt route) bool { return rt.level >= user && !s.hasAuth() }
