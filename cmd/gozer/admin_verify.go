package main

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/replica"
	"github.com/gozer-ci/gozer/scheduler"
)

type verifyLogCmd struct {
	configFlag
	Tenant []scheduler.TenantName `help:"Only these tenants." placeholder:"NAME"`
}

// Help implements kong's detailed help.
func (verifyLogCmd) Help() string {
	return `The log is folded from its first record; checksums and the chain of hashes are checked on the way. What comes out is compared with the newest snapshot and with the read models. Stop the server first. The exit code is 1 when something differs.

Examples:
  gozer admin verify-log
  gozer admin verify-log --data /var/lib/gozer --tenant acme`
}

// verification is the JSON form.
type verification struct {
	OK      bool           `json:"ok"`
	Tenants []tenantResult `json:"tenants"`
}

type tenantResult struct {
	Tenant      string   `json:"tenant"`
	OK          bool     `json:"ok"`
	Head        uint64   `json:"head"`
	Hash        string   `json:"hash"`
	Commits     int      `json:"commits"`
	Events      int      `json:"events"`
	Snapshot    uint64   `json:"snapshot"`
	Models      uint64   `json:"models"`
	Rows        int      `json:"rows"`
	Problems    []string `json:"problems"`
	Differences []string `json:"differences"`
}

// Run verifies.
func (v *verifyLogCmd) Run(e *env) error {
	cfg, err := v.load()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(e.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	found, err := app.VerifyLog(e.ctx, cfg, log, v.Tenant)
	if err != nil {
		return err
	}
	err = showValue(e, newVerification(found), func(w io.Writer, _ verification) {
		_, _ = found.WriteTo(w) // a broken terminal is noticed by nobody
	})
	if err == nil && !found.OK() {
		return &silent{exitRefused}
	}
	return err
}

func newVerification(found replica.Verification) verification {
	out := verification{OK: found.OK(), Tenants: []tenantResult{}}
	for i := range found.Tenants {
		t := &found.Tenants[i]
		r := tenantResult{
			Tenant: string(t.Tenant), OK: t.OK(), Head: t.Head.Seq, Hash: fmt.Sprintf("%x", t.Head.Hash), Commits: t.Commits,
			Events: t.Events, Snapshot: t.Snapshot, Models: t.Models, Rows: t.Rows,
			Problems: append([]string{}, t.Problems...), Differences: []string{},
		}
		for _, d := range t.Differences {
			r.Differences = append(r.Differences, fmt.Sprint(d))
		}
		out.Tenants = append(out.Tenants, r)
	}
	return out
}
