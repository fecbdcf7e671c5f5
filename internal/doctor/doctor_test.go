package doctor_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/command"
	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/internal/doctor"
	"github.com/gozer-ci/gozer/internal/quarantine"
)

func examine(t *testing.T, change func(*config.Config)) map[string]doctor.Finding {
	t.Helper()
	cfg := config.Default()
	cfg.Data = filepath.Join(t.TempDir(), "data")
	cfg.Tenants = filepath.Join(t.TempDir(), "tenants.yaml")
	cfg.Listen = "127.0.0.1:0"
	change(&cfg)
	out := map[string]doctor.Finding{}
	for _, f := range doctor.Examine(t.Context(), cfg) {
		if f.Detail == "" || f.State != doctor.OK && f.Mend == "" {
			t.Errorf("%+v lacks something", f)
		}
		out[f.Check] = f
	}
	return out
}

func TestFindings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*config.Config)
		check  string
		want   doctor.State
	}{
		"git":              {func(*config.Config) {}, "git", doctor.OK},
		"no sandbox":       {func(c *config.Config) { c.Executor.Sandbox = "none" }, "sandbox", doctor.Warning},
		"fresh data":       {func(*config.Config) {}, "data", doctor.OK},
		"impossible data":  {func(c *config.Config) { c.Data = "/proc/1/x" }, "data", doctor.Failure},
		"no tenants":       {func(*config.Config) {}, "tenants", doctor.Warning},
		"bad tenants":      {func(c *config.Config) { writeFile(t, c.Tenants, "x", 0o600) }, "tenants", doctor.Failure},
		"good tenants":     {func(c *config.Config) { writeFile(t, c.Tenants, "[]", 0o600) }, "tenants", doctor.OK},
		"nothing broken":   {func(*config.Config) {}, "quarantine", doctor.OK},
		"once broken":      {func(c *config.Config) { quarantined(t, c.Data) }, "quarantine", doctor.Warning},
		"stopped":          {func(c *config.Config) { hasStopped(t, c.Data) }, "quarantine", doctor.Failure},
		"loopback":         {func(*config.Config) {}, "exposure", doctor.OK},
		"open":             {func(c *config.Config) { c.Listen = "0.0.0.0:0" }, "exposure", doctor.Warning},
		"open with proxy":  {func(c *config.Config) { c.Listen, c.URL = "0.0.0.0:0", "https://ci.example.com" }, "exposure", doctor.OK},
		"open broker":      {func(c *config.Config) { c.NATS.Listen, c.URL = ":4222", "https://ci.example.com" }, "exposure", doctor.Warning},
		"bad address":      {func(c *config.Config) { c.Listen = "192.0.2.1:0" }, "address", doctor.Failure},
		"readable secret":  {func(c *config.Config) { writeFile(t, filepath.Join(c.SecretsDir(), "s"), "x", 0o644) }, "secrets", doctor.Warning},
		"unreadable place": {func(c *config.Config) { c.Auth.Authenticators = []config.Authenticator{{SecretFile: "/nonexistent/s"}} }, "secrets", doctor.Failure},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := examine(t, c.change)[c.check]; got.State != c.want {
				t.Errorf("got %+v, want %s", got, c.want)
			}
		})
	}
}

func writeFile(t *testing.T, file, data string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(data), mode); err != nil {
		t.Fatal(err)
	}
}

func quarantined(t *testing.T, data string) {
	t.Helper()
	about := quarantine.About{Tenant: "acme", Time: time.Now(), Error: "queues met"}
	if _, err := quarantine.Write(filepath.Join(data, "quarantine"), quarantine.Dump{About: about}); err != nil {
		t.Fatal(err)
	}
}

// hasStopped lets a server say that a tenant has stopped.
func hasStopped(t *testing.T, data string) {
	t.Helper()
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := command.Listen(data)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- l.Serve(ctx, func(context.Context, command.Request) (any, error) {
			return []map[string]any{{"tenant": "acme", "reason": "queues met", "dropped": 3}}, nil
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
