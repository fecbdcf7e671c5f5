package app

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/executor/sandbox"
	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/internal/seal"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

func (a *App) openExecutor(ctx context.Context) (err error) {
	if a.work, err = a.bus.Work(ctx, buildWork, a.cfg.Executor.Zone); err != nil {
		return err
	}
	a.onClose(a.work.Close)
	id := entropy()
	slots := a.cfg.Executor.Slots
	if slots == 0 {
		slots = 2 * runtime.NumCPU()
	}
	c := executorConfig(a.cfg)
	a.executorName = scheduler.ExecutorName("executor-" + hex.EncodeToString(id[:6]))
	c.Name = a.executorName
	c.Dir, c.Slots, c.Log = a.cfg.Data, slots, a.log
	c.Queue, c.Results, c.Console = newWorkQueue(a.work), busResults{a.bus}, busConsole{a.bus}
	c.Repositories, c.Archive, c.Resumed, c.Held = a.sources, archiver{a.archive}, a.resumed, a.holds
	if c.Secrets, err = seal.Open(filepath.Join(a.cfg.SecretsDir(), "secret-data.key")); err != nil {
		return err
	}
	if a.executor, err = executor.New(c); err != nil {
		return fmt.Errorf("open executor: %w", err)
	}
	return nil
}

// executorConfig returns what the configuration says of running jobs.
func executorConfig(cfg config.Config) executor.Config {
	e := cfg.Executor
	c := executor.Config{
		Limits: executor.Limits{
			OutputBytes: int64(e.OutputLimit), DiskBytes: int64(e.DiskLimit), Tasks: e.Processes, MemoryBytes: int64(e.MemoryLimit),
		},
		Sandbox: sandbox.Config{ReadOnlyPaths: e.ROPaths},
	}
	if e.Sandbox == "none" {
		c.Sandbox.Mode = sandbox.None
	}
	return c
}

// defaultBranch is what the built-in code review says of one of its projects.
func (a *App) defaultBranch(name scheduler.ProjectName) string {
	for _, src := range a.locals {
		if short, ok := source.ShortName(src.CanonicalHost(), name); ok {
			if p, err := src.Project(short); err == nil {
				return p.DefaultBranch
			}
		}
	}
	return ""
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}

// branchOf is the branch that a ref is; empty for tags and others.
func branchOf(ref string) string {
	if name, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
		return name
	}
	return ""
}

func (a *App) webConnections() []web.Connection {
	var out []web.Connection
	for _, c := range a.cfg.Connections {
		w := web.Connection{Name: scheduler.ConnectionName(c.Name), Driver: c.Driver}
		if src := a.locals[w.Name]; src != nil {
			w.BaseURL, w.CanonicalHostname, w.Pending = a.url, src.CanonicalHost(), src.Pending
		}
		out = append(out, w)
	}
	return out
}
