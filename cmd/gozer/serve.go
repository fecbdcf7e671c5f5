package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/config"
)

type serveCmd struct {
	configFlag
	Listen     string `help:"Where the web server listens, before the file's." placeholder:"HOST:PORT"`
	NATSListen string `name:"nats-listen" help:"Open the embedded broker to programs that publish events." placeholder:"HOST:PORT"`
	UIDir      string `name:"ui-dir" help:"Read the pages from this directory, anew for each request: web/ui/static, for work on them." type:"existingdir" hidden:""`
}

// Help implements kong's detailed help.
func (serveCmd) Help() string {
	return `Without a configuration file the defaults of docs/configuration.md are used.
SIGTERM and interrupt stop the server in good order; a second one at once.
SIGHUP reads the tenant file again, as gozer smart-reconfigure does.

Examples:
  gozer serve
  gozer serve --config /etc/gozer/gozer.yaml
  gozer serve --data /tmp/try --listen 127.0.0.1:0`
}

// Run serves until a signal.
func (s *serveCmd) Run(e *env) error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	if s.Listen != "" {
		cfg.Listen = s.Listen
	}
	if s.NATSListen != "" {
		cfg.NATS.Listen = s.NATSListen
	}
	cfg.UIDir = s.UIDir
	if cfg.NATS.URL != "" && s.NATSListen != "" {
		return misused("--nats-listen opens the embedded broker, but nats.url names another one")
	}
	a, err := app.Open(e.ctx, cfg, e.logger(cfg.Log))
	if err != nil {
		return err
	}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	go app.ReconfigureOn(e.ctx, a, hangups)
	return errors.Join(a.Run(e.ctx, func(url string) { fmt.Fprintf(e.out, "Gozer is at %s\n", url) }), a.Close())
}

func (e *env) logger(l config.Log) *slog.Logger {
	opts := &slog.HandlerOptions{Level: l.Level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(e.err, opts))
	}
	return slog.New(slog.NewTextHandler(e.err, opts))
}
