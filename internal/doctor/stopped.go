package doctor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/internal/command"
	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/internal/quarantine"
)

// stopped looks for tenants that can't go on, and for what is kept of those
// that once could not.
func stopped(ctx context.Context, cfg config.Config) Finding {
	const name = "quarantine"
	var now []struct {
		Tenant  string `json:"tenant"`
		Reason  string `json:"reason"`
		Dropped int    `json:"dropped"`
	}
	err := command.Ask(ctx, cfg.Data, command.Request{Command: "stopped-tenants"}, &now)
	if err != nil && !errors.Is(err, command.ErrNotRunning) {
		return warning(name, "the server can't be asked: "+err.Error(), "run the doctor as the server's user")
	}
	if len(now) > 0 {
		var texts []string
		for _, t := range now {
			texts = append(texts, fmt.Sprintf("tenant %s has stopped (%s), %d events dropped since", t.Tenant, t.Reason, t.Dropped))
		}
		return failure(name, strings.Join(texts, "; "), "gozer admin release-tenant "+now[0].Tenant)
	}
	list, err := quarantine.List(filepath.Join(cfg.Data, "quarantine"))
	if err != nil {
		return warning(name, err.Error(), "run the doctor as the server's user")
	}
	if len(list) > 0 {
		text := fmt.Sprintf("a promise was broken %d times, the last time for tenant %s on %s: %s", len(list), list[0].Tenant, list[0].Time.Format(time.DateTime), list[0].Error)
		return warning(name, text, "report it with "+list[0].Dir+", then delete that directory")
	}
	return ok(name, "no tenant was ever stopped by an internal error")
}
