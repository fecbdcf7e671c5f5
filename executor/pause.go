package executor

import (
	"context"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// running is a build that runs here.
type running struct {
	stop context.CancelCauseFunc
	// resume is closed when the build may go on after a pause.
	resume  chan struct{}
	resumed bool
	// granted gets the numbers of requests for semaphores that were granted.
	granted chan int
}

// Resume lets a paused build go on. It may be told again, and before the
// build has come to its pause.
func (s *Service) Resume(id scheduler.BuildID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.running[id]; r != nil && !r.resumed {
		r.resumed = true
		close(r.resume)
	}
}

// pause tells that the build has done what the jobs that depend on it need,
// and waits until they have ended or the build is stopped. Its slot is free
// for those meanwhile.
func (b *build) pause(ctx context.Context) error {
	given, err := b.result()
	if err != nil {
		return err
	}
	c := scheduler.PausedBuild{Build: b.start().Build, Executor: b.cfg.Name, Returned: given, Time: b.cfg.Now()}
	if !send(ctx, b.cfg.Results, b.start().Tenant, c, b.log) {
		return nil
	}
	b.console.Say("Job paused")
	b.yield()
	// Being told to go on may get lost, so the state is looked at too.
	look := time.NewTicker(b.cfg.Heartbeat)
	defer look.Stop()
	for {
		select {
		case <-b.resume:
			b.console.Say("Job resumed")
			return nil
		case <-ctx.Done():
			return nil
		case <-look.C:
			if b.cfg.Resumed != nil && b.cfg.Resumed(b.start().Tenant, b.start().Build) {
				b.console.Say("Job resumed")
				return nil
			}
		}
	}
}
