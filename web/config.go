package web

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gozer-ci/gozer/internal/auth"
	"github.com/gozer-ci/gozer/scheduler"
)

// Config is what an operator may choose about the server.
type Config struct {
	// PublicURL is where users reach the server, without a trailing slash.
	PublicURL string
	// WebsocketURL is told to clients that stream consoles from elsewhere;
	// empty is null in the API.
	WebsocketURL string
	// Version of the program.
	Version string
	// MaxBody is the largest request body, in bytes; 0 is 1 MiB.
	MaxBody int64
	// StaticCacheExpiry is how long clients may keep the info documents; 0
	// sends no header.
	StaticCacheExpiry time.Duration
	// StatsURL and StatsPrefix are told to clients; empty is null.
	StatsURL, StatsPrefix string
	// Connections in configuration order.
	Connections []Connection
}

// Connection is a source as the API describes it.
type Connection struct {
	Name              scheduler.ConnectionName
	Driver            string
	BaseURL           string // empty leaves the key out
	CanonicalHostname string // empty leaves the key out
	// Pending counts events that wait to be handed on; nil when the driver
	// has no such queue.
	Pending func() int
}

// Component is a running part of the installation.
type Component struct {
	// Kind is scheduler, executor, merger, web or launcher.
	Kind     string
	Hostname string
	// State is initializing, running, paused or stopped.
	State   string
	Version string
}

// Deps are the parts that the server shows and drives. All are needed except
// where said.
type Deps struct {
	Live    Live
	Past    Past
	History History
	Layouts Layouts
	Console Console
	Logs    Logs
	Inputs  Inputs
	Shared  Shared
	// Verifier answers GET /api/verify-log.
	Verifier Verifier
	Auth     *auth.Authenticators
	// Reviews are the connections with a built-in code review.
	Reviews map[scheduler.ConnectionName]Review
	// Components lists live components.
	Components func() []Component
	// NotReady lists reasons why the server should get no traffic; empty
	// means ready.
	NotReady func() []string
	// Stopped says why a tenant can't go on; empty while it works. Nil means
	// that all do.
	Stopped func(scheduler.TenantName) string
	// Metrics is served at /metrics; the server registers its own there.
	Metrics *prometheus.Registry
	// UI answers everything that is not API; nil answers 404.
	UI http.Handler
	// Git answers below /git; nil answers 404.
	Git http.Handler
	Log *slog.Logger
	Now func() time.Time
}
