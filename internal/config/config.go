// Package config reads gozer.yaml. The structs here are the one description of
// every key: their tags carry name, default, unit and meaning, from which the
// strict decoder, the defaults and docs/configuration.md follow.
package config

import (
	"log/slog"
	"net"
	"strings"
	"time"
)

// Config is the whole of gozer.yaml, with defaults filled in and paths made
// absolute or relative to the working directory.
type Config struct {
	Data        string       `key:"data" default:"gozer-data" unit:"directory" doc:"Everything that the server keeps: the log, repositories, build logs, streams and secrets. One process at a time may use it."`
	Listen      string       `key:"listen" default:"127.0.0.1:9000" unit:"host:port" check:"address" doc:"Where the web server listens: API, pages and git over HTTP. Port 0 takes a free one."`
	URL         string       `key:"url" unit:"URL" check:"url" doc:"Under which URL users reach the server; it begins links in reports and Depends-On lines. Without it, http:// and the address that the server listens on."`
	Tenants     string       `key:"tenants" default:"tenants.yaml" unit:"file" doc:"The tenant file, relative to the configuration file. An executable file that begins with #! is run, and what it prints counts."`
	Connections []Connection `key:"connections" doc:"Where changes and events come from. Without it, a connection local of driver local and a connection nats of driver nats."`
	NATS        NATS         `key:"nats" doc:"The message bus; by default an embedded server without a port."`
	Executor    Executor     `key:"executor" doc:"How this process runs jobs."`
	Merger      Merger       `key:"merger" doc:"How this process merges changes."`
	Scheduler   Scheduler    `key:"scheduler" doc:"How jobs get their nodes."`
	Nodes       Nodes        `key:"nodes" doc:"Which nodes there are for the nodesets of jobs."`
	Auth        Auth         `key:"auth" doc:"Who may sign tokens."`
	Log         Log          `key:"log" doc:"What the server writes to standard error."`
	Limits      Limits       `key:"limits" doc:"What the outside may send."`
	Snapshots   Snapshots    `key:"snapshots" doc:"How often the state is written beside the log."`

	// UIDir is where the pages are read from, anew for each request, instead
	// of the program itself. It is no key: only serve's --ui-dir sets it, for
	// work on the pages.
	UIDir string
}

// Connection is one source of changes and events.
type Connection struct {
	Name              string `key:"name" check:"name" doc:"How pipelines and the tenant file refer to it. Required."`
	Driver            string `key:"driver" oneof:"local nats" doc:"What it talks to: local is the built-in code review, nats takes events of other programs. Required."`
	CanonicalHostname string `key:"canonical-hostname" unit:"host name" doc:"First part of canonical project names; without it, the connection's name."`
}

// NATS says where the message bus is and what it may keep.
type NATS struct {
	URL          string        `key:"url" unit:"URL" check:"url" doc:"An external NATS server with JetStream. Without it, one runs inside the process."`
	Credentials  string        `key:"credentials" unit:"file" doc:"NATS credentials file for the external server."`
	Username     string        `key:"username" doc:"User for the external server, when there is no credentials file."`
	PasswordFile string        `key:"password-file" unit:"file" doc:"File with that user's password."`
	Replicas     int           `key:"replicas" default:"1" min:"1" max:"5" unit:"copies" doc:"Copies of each stream on the external server."`
	Listen       string        `key:"listen" unit:"host:port" check:"address" doc:"Opens the embedded server to programs that publish events. Without it, no port is opened."`
	InputLimit   Bytes         `key:"input-limit" default:"256MiB" min:"1MiB" unit:"size" doc:"Accepted inputs of one tenant that wait for the scheduler; beyond it, events are refused and their senders retry."`
	EventLimit   Bytes         `key:"event-limit" default:"64MiB" min:"1MiB" unit:"size" doc:"Published events of one tenant that wait to be looked at."`
	ConsoleLimit Bytes         `key:"console-limit" default:"1GiB" min:"1MiB" unit:"size" doc:"Live consoles of all builds together; the oldest bytes go first. Archived consoles are not touched."`
	ConsoleAge   time.Duration `key:"console-age" default:"24h" min:"1m" unit:"duration" doc:"How long live consoles are kept."`
	MemoryLimit  Bytes         `key:"memory-limit" default:"256MiB" min:"1MiB" unit:"size" doc:"Requests and answers that wait in memory, for each of the two."`
	MessageLimit Bytes         `key:"message-limit" default:"8MiB" min:"1MiB" max:"64MiB" unit:"size" doc:"Largest message of the embedded server."`
}

// Executor says how jobs run.
type Executor struct {
	Zone        string   `key:"zone" doc:"Only jobs of this zone run here; empty is the default zone."`
	Slots       int      `key:"slots" default:"0" min:"0" max:"1024" unit:"builds" doc:"Builds at the same time; 0 is two for each processor."`
	Sandbox     string   `key:"sandbox" default:"bubblewrap" oneof:"bubblewrap none" doc:"What keeps jobs apart from the machine. none runs them with the server's own rights: only for jobs that you trust as yourself."`
	OutputLimit Bytes    `key:"output-limit" default:"100MiB" min:"1KiB" unit:"size" doc:"Console output of one build; a build that prints more fails."`
	DiskLimit   Bytes    `key:"disk-limit" default:"10GiB" min:"1MiB" unit:"size" doc:"Disk space of one build's workspace; a build that takes more ends as DISK_FULL."`
	MemoryLimit Bytes    `key:"memory-limit" default:"0" unit:"size" doc:"Memory of one build, where the kernel lets the server limit it (cgroup v2); 0 is no limit."`
	Processes   int      `key:"processes" default:"4096" min:"1" unit:"processes" doc:"Processes and threads of one build; a build that has more fails."`
	ROPaths     []string `key:"ro-paths" unit:"paths" doc:"Files and directories of the machine that jobs may read, beside the system's programs and libraries."`
}

// Merger says how changes are merged.
type Merger struct {
	Workers int `key:"workers" default:"0" min:"0" max:"256" unit:"merges" doc:"Merges at the same time; 0 is two for each processor."`
}

// Scheduler says how the jobs of all tenants are served.
type Scheduler struct {
	RelativePriority bool `key:"relative-priority" default:"false" doc:"Serves the node requests of a project that has many items after those of others with the same pipeline precedence."`
	// DefaultHoldExpiration and MaxHoldExpiration are Zuul's, of autohold.
	DefaultHoldExpiration time.Duration `key:"default-hold-expiration" default:"0s" min:"0s" unit:"duration" doc:"How long nodes of held builds are kept when the autohold request does not say so; 0 is max-hold-expiration."`
	MaxHoldExpiration     time.Duration `key:"max-hold-expiration" default:"0s" min:"0s" unit:"duration" doc:"How long nodes of held builds are kept at most; 0 is without end."`
}

// Nodes says which nodes there are.
type Nodes struct {
	Labels []Label `key:"labels" doc:"The labels that nodesets may ask for. Each node is a sandbox of the executor. Without it, there are as many nodes as are asked for of every label."`
}

// Label is a kind of node.
type Label struct {
	Name  string `key:"name" doc:"How nodesets refer to it. Required."`
	Count int    `key:"count" default:"0" min:"0" unit:"nodes" doc:"Nodes at the same time, held ones included; 0 is no limit."`
}

// Auth says whose tokens count.
type Auth struct {
	Authenticators []Authenticator `key:"authenticators" doc:"Each checks tokens of one issuer. Without it, there is one with a secret that the first start generates in the data directory, under secrets/."`
	TokenLifetime  time.Duration   `key:"token-lifetime" default:"24h" min:"1m" unit:"duration" doc:"How long tokens made by gozer admin create-auth-token are good, unless it is told otherwise."`
}

// Authenticator checks tokens of one issuer, as Zuul's auth sections.
type Authenticator struct {
	Name       string        `key:"name" check:"name" doc:"Names it in messages. Required."`
	Driver     string        `key:"driver" default:"HS256" oneof:"HS256" doc:"How tokens are signed: HS256 is a secret that issuer and server share."`
	Secret     Secret        `key:"secret" doc:"The shared secret, 32 bytes at least."`
	SecretFile string        `key:"secret-file" unit:"file" doc:"File with the shared secret; better than writing it here."`
	IssuerID   string        `key:"issuer-id" default:"gozer" doc:"Must be the token's iss claim."`
	ClientID   string        `key:"client-id" default:"gozer" doc:"Shown to clients; must be among the token's aud claim."`
	Audience   string        `key:"audience" doc:"What must be among the token's aud claim, when that is not client-id."`
	Authority  string        `key:"authority" doc:"Shown to clients as the place that signs tokens, when that is not issuer-id."`
	Realm      string        `key:"realm" default:"gozer" doc:"Names the authenticator to clients; each has its own."`
	Default    bool          `key:"default" default:"false" doc:"Makes this the realm that clients use when none is named; without any, the first is."`
	AdminClaim bool          `key:"allow-authz-override" default:"false" doc:"Lets tokens say in their claim zuul.admin which tenants their user administers. The generated authenticator allows it."`
	UIDClaim   string        `key:"uid-claim" default:"sub" doc:"Which claim names the user."`
	MaxAge     time.Duration `key:"max-validity-time" default:"0s" unit:"duration" doc:"Tokens that are good for longer are refused; 0 takes any."`
	Skew       time.Duration `key:"skew" default:"0s" unit:"duration" doc:"By how much the issuer's clock may be wrong."`
}

// Log says what the server tells.
type Log struct {
	Level  slog.Level `key:"level" default:"info" oneof:"debug info warn error" doc:"Messages below this level are left out."`
	Format string     `key:"format" default:"text" oneof:"text json" doc:"How messages look."`
}

// Limits bound what the outside may send.
type Limits struct {
	PushSize Bytes `key:"push-size" default:"512MiB" min:"1KiB" unit:"size" doc:"Largest git push."`
	APIBody  Bytes `key:"api-body" default:"1MiB" min:"1KiB" unit:"size" doc:"Largest body of an API request."`
}

// Snapshots say how often the state is written beside the log.
type Snapshots struct {
	Every int `key:"every" default:"1000" min:"1" unit:"commits" doc:"Commits of a tenant between two snapshots; fewer make starts faster."`
}

// PublicURL is the URL that users see, without a trailing slash. addr is the
// address that the server really listens on.
func (c Config) PublicURL(addr string) string {
	if c.URL != "" {
		return strings.TrimRight(c.URL, "/")
	}
	if addr == "" {
		addr = c.Listen
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "http://" + addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
