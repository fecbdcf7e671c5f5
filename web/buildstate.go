package web

import (
	"context"

	"github.com/gozer-ci/gozer/scheduler"
)

// buildState says what a console may expect of a build.
type buildState int

const (
	buildUnknown buildState = iota // not in this tenant
	buildWaiting                   // no executor has it yet
	buildStarted                   // it runs or ran
)

// buildState looks a build up in the live state, then in the history. A build
// of another tenant is as unknown as one that never was.
func (s *Server) buildState(ctx context.Context, t scheduler.TenantName, id scheduler.BuildID) buildState {
	state := buildUnknown
	// A tenant without a live state may still have a history.
	_ = s.deps.Live.View(t, func(st *scheduler.State, _ uint64) {
		b := st.Build(id)
		switch {
		case b == nil:
		case b.StartedAt.IsZero() && b.Result == "":
			state = buildWaiting
		default:
			state = buildStarted
		}
	})
	if state != buildUnknown {
		return state
	}
	if _, err := s.deps.History.Build(ctx, t, id); err != nil {
		return buildUnknown
	}
	return buildStarted
}
