package perf

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/auth"
	"github.com/gozer-ci/gozer/internal/config"
)

// tenant is the only tenant of the servers here.
const tenant = "perf"

// user pushes and approves.
const user = "rosa"

// server is a running server of this process.
type server struct {
	b     *testing.B
	url   string
	token string
	dir   string
}

// serve runs a server on a new data directory until the benchmark ends.
func serve(b *testing.B, projects []string, parts app.Parts) *server {
	b.Helper()
	s, stop := start(b, projects, parts)
	b.Cleanup(stop)
	return s
}

// start runs a server on a new data directory until stop is called.
func start(b *testing.B, projects []string, parts app.Parts) (s *server, stop func()) {
	b.Helper()
	s = &server{b: b, dir: b.TempDir()}
	cfg := s.config(projects)
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	a, err := app.OpenParts(b.Context(), cfg, log, parts)
	if err != nil {
		b.Fatal(err)
	}
	ctx, end := context.WithCancel(context.WithoutCancel(b.Context()))
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- a.Run(ctx, func(string) { close(ready) }) }()
	stop = func() {
		end()
		if err := <-done; err != nil {
			b.Error(err)
		}
		if err := a.Close(); err != nil {
			b.Error(err)
		}
	}
	select {
	case <-ready:
	case err := <-done:
		done <- err
		b.Fatal(err)
	}
	s.url = a.URL()
	s.sign(cfg)
	return s, stop
}

func (s *server) config(projects []string) config.Config {
	s.b.Helper()
	list := ""
	for _, p := range projects {
		list += "          - " + p + "\n"
	}
	file := "- tenant:\n    name: " + tenant + "\n    source:\n      local:\n        config-projects:\n          - config\n        untrusted-projects:\n" + list
	cfg := config.Default()
	cfg.Data, cfg.Listen, cfg.Tenants = filepath.Join(s.dir, "data"), "127.0.0.1:0", filepath.Join(s.dir, "tenants.yaml")
	if err := os.WriteFile(cfg.Tenants, []byte(file), 0o600); err != nil {
		s.b.Fatal(err)
	}
	return cfg
}

// sign makes the user's token.
func (s *server) sign(cfg config.Config) {
	s.b.Helper()
	configs, err := app.AuthConfigs(cfg)
	if err != nil {
		s.b.Fatal(err)
	}
	s.token, err = auth.Sign(configs[0], auth.Grant{UID: user, Now: time.Now(), Validity: time.Hour, Admin: []string{"*"}})
	if err != nil {
		s.b.Fatal(err)
	}
}

// counter reads a metric, summed over its labels.
func (s *server) counter(name string) float64 {
	s.b.Helper()
	resp, err := http.Get(s.url + "/metrics")
	if err != nil {
		s.b.Fatal(err)
	}
	defer resp.Body.Close()
	sum := 0.0
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), " ")
		if family, _, _ := strings.Cut(key, "{"); family == name {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				s.b.Fatal(err)
			}
			sum += v
		}
	}
	return sum
}

// merged waits until the log holds that n items have merged in all.
func (s *server) merged(n int) {
	s.b.Helper()
	s.await(fmt.Sprintf("%d merged items", n), 5*time.Millisecond, func() bool { return s.counter("gozer_items_merged_total") >= float64(n) })
}

// await asks again and again until the server has got somewhere.
func (s *server) await(what string, every time.Duration, done func() bool) {
	s.b.Helper()
	limit := time.NewTimer(2 * time.Minute)
	defer limit.Stop()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-limit.C:
			s.b.Fatalf("waited in vain for %s\n%s", what, debug.Stack())
		}
	}
}

// serveLocal runs a server with the code review that it has built in.
func serveLocal(b *testing.B, projects []string) *server {
	b.Helper()
	return serve(b, projects, app.Parts{})
}
