package executor

import (
	"context"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// askEvery is how often a playbook asks again for semaphores that it waits
// for: the answer is told to whoever listens, and may be missed.
const askEvery = 10 * time.Second

// takeSemaphores waits until the playbook has its semaphores (Zuul
// documentation, "Job: run: semaphores"); the wait counts as the playbook's
// own time. give gives them back. The error is why the wait was ended.
func (b *build) takeSemaphores(ctx context.Context, p playbook) (give func(), err error) {
	if len(p.Semaphores) == 0 {
		return func() {}, nil
	}
	b.asked++
	n := b.asked
	give = func() {
		// Whatever happens to this message, the next request and the end of the
		// build give back too.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askEvery)
		defer cancel()
		send(ctx, b.cfg.Results, b.start().Tenant, scheduler.ReturnedSemaphores{Build: b.start().Build, Number: n}, b.log)
	}
	b.console.Say("Waiting for %s", semaphoreNames(p.Semaphores))
	if err := b.awaitGrant(ctx, p, n); err != nil {
		give()
		return nil, err
	}
	return give, nil
}

// awaitGrant asks for the semaphores of a playbook until they are granted.
func (b *build) awaitGrant(ctx context.Context, p playbook, n int) error {
	c := scheduler.AskedSemaphores{Build: b.start().Build, Executor: b.cfg.Name, Number: n, Semaphores: p.Semaphores}
	again := time.NewTicker(askEvery)
	defer again.Stop()
	for send(ctx, b.cfg.Results, b.start().Tenant, c, b.log) {
		for asking := false; !asking; {
			select {
			case got := <-b.granted:
				if got == n {
					return nil
				}
			case <-again.C:
				asking = true
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	return context.Cause(ctx)
}

func semaphoreNames(names []scheduler.SemaphoreName) string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = string(n)
	}
	if len(list) == 1 {
		return "semaphore " + list[0]
	}
	return "semaphores " + strings.Join(list, ", ")
}

// Granted tells a build that the request for semaphores of that number is
// granted.
func (s *Service) Granted(build scheduler.BuildID, number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.running[build]
	if r == nil {
		return
	}
	select {
	case <-r.granted: // an older one, which nobody waits for
	default:
	}
	r.granted <- number // has room: nobody else sends
}

func (s *Service) grantsOf(build scheduler.BuildID) <-chan int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[build].granted
}
