package memory_test

import (
	"errors"
	"testing"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/eventlogtest"
	"github.com/gozer-ci/gozer/internal/eventlog/memory"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	eventlogtest.Run(t, eventlogtest.Opener{
		Open:   func(*testing.T) eventlog.Log { return memory.New() },
		Reopen: func(_ *testing.T, l eventlog.Log) eventlog.Log { return l.(*memory.Log).Reopen() },
	})
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	eventlogtest.RunSnapshots(t,
		func(*testing.T) eventlog.Snapshots { return &memory.Snapshots{} },
		func(_ *testing.T, s eventlog.Snapshots) eventlog.Snapshots { return s })
}

func TestFaults(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk on fire")
	for name, tc := range map[string]struct {
		fault memory.Fault
		is    error
		kept  uint64
		again error
	}{
		"refuse": {memory.Refuse, nil, 1, nil},
		"lose":   {memory.Lose, eventlog.ErrUnknown, 1, nil},
		"keep":   {memory.Keep, eventlog.ErrUnknown, 2, eventlog.ErrConflict},
		"die":    {memory.Die, eventlog.ErrFatal, 1, eventlog.ErrFatal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := memory.None
			l := memory.New(memory.WithFault(func(eventlog.Record) (memory.Fault, error) { return fault, cause }))
			r := eventlogtest.Record("acme", eventlogtest.Append(t, l, "acme", 1))
			fault = tc.fault
			_, err := l.Append(t.Context(), r)
			if !errors.Is(err, cause) || (tc.is != nil && !errors.Is(err, tc.is)) {
				t.Errorf("append: %v", err)
			}
			eventlogtest.CheckAll(t, l, "acme", tc.kept)
			fault = memory.None
			if _, err := l.Append(t.Context(), r); !errors.Is(err, tc.again) {
				t.Errorf("append again: %v, want %v", err, tc.again)
			}
			n := l.Reopen()
			if tc.fault == memory.Die {
				eventlogtest.Append(t, n, "acme", 1)
			}
			eventlogtest.CheckAll(t, n, "acme", 2)
		})
	}
}
