package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/scheduler"
)

type verifyLogCmd struct {
	configFlag
	Tenant  []scheduler.TenantName `help:"Only these tenants." placeholder:"NAME"`
	Running bool                   `help:"Ask the running server at --url, wherever its data directory is."`
}

// Help implements kong's detailed help.
func (verifyLogCmd) Help() string {
	return `The log is folded from its first record; checksums and the chain of hashes are checked on the way. What comes out is compared with the newest snapshot and with the read models. The exit code is 1 when something differs.

When a server runs on the data directory, the server does it and compares its live state too. That needs a token that administers the tenants, or all of them ('*') when none are named. The server goes on with its work.

Examples:
  gozer admin verify-log
  gozer admin verify-log --data /var/lib/gozer --tenant acme
  gozer admin verify-log --running --url https://gozer.example.com`
}

// Run verifies.
func (v *verifyLogCmd) Run(e *env) error {
	if v.Running {
		return v.ask(e, nil)
	}
	cfg, err := v.load()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(e.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	found, err := app.VerifyLog(e.ctx, cfg, log, v.Tenant)
	if used, ok := errors.AsType[*app.InUseError](err); ok && used.URL != "" {
		return v.ask(e, used)
	}
	if err != nil {
		return err
	}
	doc, err := json.Marshal(verificationOf(found))
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return showVerification(e, doc)
}

// ask lets a running server verify: the one that uses the data directory, or
// that at --url.
func (v *verifyLogCmd) ask(e *env, used *app.InUseError) error {
	if used != nil {
		e.URL = used.URL
	}
	c, err := e.connect()
	if err != nil {
		return err
	}
	if used != nil && !c.HasToken() {
		return v.needsToken(e, used)
	}
	var names []string
	for _, t := range v.Tenant {
		names = append(names, string(t))
	}
	doc, err := c.VerifyLog(e.ctx, names)
	if err != nil {
		return err
	}
	return showVerification(e, doc)
}

// needsToken says how to make the token that is missing.
func (v *verifyLogCmd) needsToken(e *env, used *app.InUseError) error {
	command := "gozer admin create-auth-token"
	if v.Config != "" {
		command += " --config " + v.Config
	}
	if v.Data != "" {
		command += " --data " + v.Data
	}
	command += " --user NAME"
	for _, t := range v.Tenant {
		command += " --tenant " + string(t)
	}
	if len(v.Tenant) == 0 {
		command += " --tenant '*'"
	}
	return fmt.Errorf("data directory %s is in use by another gozer (process %s), the server at %s; it verifies its log itself, for who has a token\n"+
		"make one with: %s; then give it with --token, GOZER_TOKEN or in %s", used.Dir, used.Process, used.URL, command, e.TokenFile)
}
