package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/config"
)

func TestOpenAndCloseWithoutRun(t *testing.T) {
	t.Parallel()
	s, err := open(t, setup{tenants: acme})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	again, err := open(t, setup{dir: s.dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme})
	app := s.acme()
	app.propose(files{"x": "x\n"})
	s.end()
	again := start(t, setup{dir: s.dir})
	again.awaitReady("acme", "hold")
	again.want(again.call("", "GET", "/api/connection/local/changes/1", ""), http.StatusOK, `"open"`)
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme})
	if _, err := open(t, setup{dir: s.dir}); err == nil || !strings.Contains(err.Error(), "in use by another gozer") || !strings.Contains(err.Error(), "--data") {
		t.Errorf("a second process got %v", err)
	}
	s.want(s.call("", "GET", "/healthz", ""), http.StatusOK)
}

func TestTenantFiles(t *testing.T) {
	t.Parallel()
	const partly = acme + "- tenant:\n    name: broken\n    sauce: {}\n"
	t.Run("missing", func(t *testing.T) {
		t.Parallel()
		s := start(t, setup{})
		s.want(s.call("", "GET", "/api/tenants", ""), http.StatusOK, "[]")
		s.want(s.call("", "GET", "/readyz", ""), http.StatusOK)
		if !strings.Contains(s.log.String(), "there is no tenant file") {
			t.Errorf("nobody is told: %s", s.log)
		}
	})
	t.Run("partly broken", func(t *testing.T) {
		t.Parallel()
		s := start(t, setup{tenants: partly})
		s.want(s.call("", "GET", "/api/tenants", ""), http.StatusOK, "acme")
		if list := s.call("", "GET", "/api/tenants", "").body; strings.Contains(list, "broken") {
			t.Errorf("tenants %s", list)
		}
		if !strings.Contains(s.log.String(), "tenants.yaml:9:5") {
			t.Errorf("nobody is told where: %s", s.log)
		}
	})
	t.Run("wholly broken", func(t *testing.T) {
		t.Parallel()
		_, err := open(t, setup{tenants: "- tenant:\n    sauce: {}\n"})
		if err == nil || !strings.Contains(err.Error(), "no tenant of") || !strings.Contains(err.Error(), "sauce") {
			t.Errorf("got %v", err)
		}
	})
}

func TestWhatCannotBeOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, edit := range map[string]func(*config.Config){
		"--listen":             func(c *config.Config) { c.Listen = "192.0.2.1:1" },
		"data directory":       func(c *config.Config) { c.Data = filepath.Join(file, "data") },
		"read tenant file":     func(c *config.Config) { c.Tenants = dir },
		"openssl rand":         func(c *config.Config) { c.Auth.Authenticators = []config.Authenticator{{Name: "a", Secret: "short"}} },
		"read secret":          func(c *config.Config) { c.NATS.PasswordFile = filepath.Join(dir, "absent") },
		"port is not a number": func(c *config.Config) { c.NATS.Listen = "127.0.0.1:x" },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			if _, err := open(t, setup{edit: edit}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
