package executor

import (
	"context"
	"log/slog"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// remembered is how many builds a memory holds: far more than messages can be
// delivered late.
const remembered = 8192

// memory is a set of builds that forgets the oldest. Its user locks it.
type memory struct {
	set   map[scheduler.BuildID]bool
	order []scheduler.BuildID // ring, next is the oldest when full
	next  int
}

func (m *memory) has(id scheduler.BuildID) bool { return m.set[id] }

func (m *memory) add(id scheduler.BuildID) {
	if m.set[id] {
		return
	}
	if m.set == nil {
		m.set = map[scheduler.BuildID]bool{}
	}
	m.set[id] = true
	if len(m.order) < remembered {
		m.order = append(m.order, id)
		return
	}
	delete(m.set, m.order[m.next])
	m.order[m.next] = id
	m.next = (m.next + 1) % remembered
}

// backoff waits longer each time, up to 5 s.
type backoff struct{ last time.Duration }

func (b *backoff) sleep(ctx context.Context) {
	b.last = min(max(2*b.last, 50*time.Millisecond), 5*time.Second)
	t := time.NewTimer(b.last)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// tell calls f, which speaks to a queue. A queue that does not listen delivers
// the message again, which is harmless, so that is only noted.
func (s *Service) tell(log *slog.Logger, what string, f func() error) {
	if err := f(); err != nil {
		log.Warn(what, "err", err)
	}
}
