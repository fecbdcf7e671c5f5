package executor

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gozer-ci/gozer/scheduler"
)

// Kept is a build whose workspace is kept because an autohold asks for it.
type Kept struct {
	Tenant scheduler.TenantName
	Build  scheduler.BuildID
}

// keptFile is where a kept workspace says whose it is.
const keptFile = "held.json"

// leave ends the workspace of a build that is over: it is removed, or kept
// when an autohold asks for that (Zuul documentation, "Autohold").
func (s *Service) leave(ctx context.Context, b *build, told bool) {
	if b.ws == nil {
		return
	}
	if told && s.cfg.Held != nil && mayBeHeld(b.outcome.result) && s.cfg.Held(ctx, b.start().Tenant, b.start().Build) {
		if err := s.keep(b); err != nil {
			b.log.Error("workspace of held build not kept", "err", err)
		} else {
			b.log.Info("workspace kept for autohold", "dir", s.keptDir(b.start().Build))
			return
		}
	}
	if err := b.ws.remove(); err != nil {
		b.log.Warn("remove workspace", "err", err)
	}
}

// mayBeHeld reports whether builds with the result can be held. No result may
// become RETRY_LIMIT.
func mayBeHeld(r scheduler.Result) bool {
	switch r {
	case "", scheduler.ResultRetry, scheduler.ResultFailure, scheduler.ResultPostFailure, scheduler.ResultTimedOut, scheduler.ResultRetryLimit:
		return true
	}
	return false
}

func (s *Service) keptDir(id scheduler.BuildID) string { return filepath.Join(s.kept, string(id)) }

// keep moves the workspace of a build to where the next life finds it.
func (s *Service) keep(b *build) error {
	data, err := json.Marshal(Kept{Tenant: b.start().Tenant, Build: b.start().Build})
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.ws.path(keptFile), data, 0o600); err != nil {
		return err
	}
	return os.Rename(b.ws.dir, s.keptDir(b.start().Build))
}

// LetGo removes the workspace that was kept of a build, if there is one.
func (s *Service) LetGo(id scheduler.BuildID) {
	if !validBuild(id) {
		return
	}
	if err := removeTree(s.keptDir(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.cfg.Log.Warn("remove workspace of held build", "build", id, "err", err)
	}
}

// Kept lists the builds whose workspaces are kept.
func (s *Service) Kept() []Kept {
	entries, err := os.ReadDir(s.kept)
	if err != nil {
		s.cfg.Log.Warn("list workspaces of held builds", "err", err)
	}
	var out []Kept
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(s.kept, e.Name(), keptFile))
		var k Kept
		if err != nil || json.Unmarshal(data, &k) != nil || string(k.Build) != e.Name() {
			s.cfg.Log.Warn("workspace of a held build is nobody's", "dir", e.Name())
			continue
		}
		out = append(out, k)
	}
	return out
}
