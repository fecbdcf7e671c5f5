package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/scheduler"
)

// worked is the directory of a stopped server that merged nothing but ran a
// build.
func worked(t *testing.T) *server {
	t.Helper()
	s := start(t, setup{tenants: acme})
	s.acme()
	s.want(s.call(s.token("ada", "acme"), "POST", enqueue, `{"pipeline":"quick","ref":"refs/heads/main"}`), http.StatusOK)
	s.awaitBuild("acme", "quick", "SUCCESS")
	s.awaitIdle("acme")
	s.end()
	return s
}

func (s *server) verify(names ...scheduler.TenantName) (text string, ok bool, err error) {
	s.t.Helper()
	v, err := app.VerifyLog(s.t.Context(), s.cfg, slog.New(slog.NewTextHandler(s.t.Output(), nil)), names)
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%+v", v.Tenants), v.OK(), nil
}

func (s *server) path(elem ...string) string {
	return filepath.Join(append([]string{s.dir, "data"}, elem...)...)
}

// clean holds the data directory to a clean bill.
func (s *server) clean() {
	s.t.Helper()
	if text, ok, err := s.verify(); err != nil || !ok {
		s.t.Errorf("not clean: %v\n%s", err, text)
	}
	if left, err := filepath.Glob(s.path("verify*")); err != nil || len(left) > 0 {
		s.t.Errorf("%v is left: %v", left, err)
	}
}

func TestVerifiedAtRest(t *testing.T) {
	t.Parallel()
	s := worked(t)
	s.clean()
	if text, ok, err := s.verify("acme"); err != nil || !ok || !strings.Contains(text, "acme") {
		t.Errorf("one tenant: %v\n%s", err, text)
	}
	if _, _, err := s.verify("acme", "absent"); err == nil || !strings.Contains(err.Error(), `no tenant "absent"`) {
		t.Errorf("a tenant that is not there: %v", err)
	}
	running := start(t, setup{dir: s.dir})
	_, _, err := running.verify()
	if used, ok := errors.AsType[*app.InUseError](err); !ok || used.URL != running.URL() || used.Process != strconv.Itoa(os.Getpid()) ||
		!strings.Contains(err.Error(), "in use") {
		t.Errorf("beside a running server: %v", err)
	}
	elsewhere := s.cfg
	elsewhere.Data = filepath.Join(t.TempDir(), "absent")
	if _, err := app.VerifyLog(t.Context(), elsewhere, slog.Default(), nil); err == nil || !strings.Contains(err.Error(), "the data directory?") {
		t.Errorf("elsewhere: %v", err)
	}
	if _, err := os.Stat(elsewhere.Data); err == nil {
		t.Error("verifying made a directory")
	}
}

func TestReadModelsAreMadeAnew(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, file string){
		"missing": func(t *testing.T, file string) {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		},
		"cut off": func(t *testing.T, file string) {
			if err := os.Truncate(file, 5000); err != nil {
				t.Fatal(err)
			}
		},
		"garbage": func(t *testing.T, file string) {
			if err := os.WriteFile(file, bytes.Repeat([]byte("garbage "), 4096), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"a changed row": func(t *testing.T, file string) { flip(t, file, "SUCCESS") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := worked(t)
			damage(t, s.path("models.db"))
			if name == "a changed row" {
				if text, ok, err := s.verify(); err == nil && ok {
					t.Errorf("the damage is not seen:\n%s", text)
				}
			}
			again := start(t, setup{dir: s.dir})
			again.awaitReady("acme", "hold")
			again.await("the build is there with its logs", func() bool {
				a := again.call("", "GET", "/api/tenant/acme/builds", "")
				if a.status != http.StatusOK && a.status != http.StatusServiceUnavailable {
					t.Fatalf("status %d: %s", a.status, a.body)
				}
				return strings.Contains(a.body, `"SUCCESS"`) && strings.Contains(a.body, "/logs/")
			})
			again.end()
			again.clean()
		})
	}
}

// flip changes one bit in every place where a text stands in a file.
func flip(t *testing.T, file, text string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.ReplaceAll(data, []byte(text), []byte(string(text[0]^1)+text[1:]))
	if bytes.Equal(changed, data) {
		t.Fatalf("there is no %q in %s", text, file)
	}
	if err := os.WriteFile(file, changed, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedLogIsRefused(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, file string){
		"a changed record": func(t *testing.T, file string) { flip(t, file, "SUCCESS") },
		"cut off":          func(t *testing.T, file string) { cut(t, file) },
		"an older file":    func(t *testing.T, file string) { older(t, file) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := worked(t)
			damage(t, s.path("log", "log.db"))
			text, ok, err := s.verify()
			if err == nil && ok {
				t.Fatalf("the damage is not seen:\n%s", text)
			}
			if err == nil || !strings.Contains(err.Error(), s.path("log")) {
				t.Errorf("verify-log says %v\n%s", err, text)
			}
			a, err := open(t, setup{dir: s.dir})
			if err == nil {
				t.Fatal(errors.Join(errors.New("a server opens it"), a.Close()))
			}
			if !strings.Contains(err.Error(), "backup") {
				t.Errorf("a server says %v", err)
			}
		})
	}
}

func cut(t *testing.T, file string) {
	t.Helper()
	if err := os.Truncate(file, 4*int64(os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
}

// older puts a log there that has nothing yet.
func older(t *testing.T, file string) {
	t.Helper()
	s, err := open(t, setup{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(s.dir, "data", "log", "log.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
