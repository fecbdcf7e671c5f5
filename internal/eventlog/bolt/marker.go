package bolt

import (
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// marker writes the mark in the background, so that an append need not wait
// for a second fsync.
type marker struct {
	path  string
	dirty chan struct{} // has room for one
	stop  chan struct{}
	done  chan struct{}
}

func startMarker(l *Log, every time.Duration) *marker {
	if every == 0 {
		every = time.Second
	}
	m := &marker{path: markPath(l.path), dirty: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	go m.run(l, every)
	return m
}

// changed asks for the mark to be written.
func (m *marker) changed() {
	select {
	case m.dirty <- struct{}{}:
	default:
	}
}

func (m *marker) run(l *Log, every time.Duration) {
	defer close(m.done)
	for {
		select {
		case <-m.dirty:
		case <-m.stop:
			return
		}
		select { // gather what comes meanwhile
		case <-time.After(every):
		case <-m.stop:
			return
		}
		if err := writeMark(m.path, l.heads()); err != nil {
			l.logger.Warn("the mark of the log lags behind", "path", m.path, "error", err)
			m.changed()
		}
	}
}

// close stops the goroutine and writes the mark a last time.
func (m *marker) close(heads map[scheduler.TenantName]eventlog.Head) error {
	close(m.stop)
	<-m.done
	return writeMark(m.path, heads)
}
