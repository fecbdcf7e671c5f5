package engine

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/memory"
)

var errDisk = errors.New("the disk says no")

// TestFaultMatrix lets every append of a run fail in every way, once with the
// engine going on by itself and once with a process that starts again. Time is
// the bubble's, so the pause before another try costs nothing.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	faults := map[string]memory.Fault{"refused": memory.Refuse, "lost": memory.Lose, "kept": memory.Keep, "died": memory.Die}
	for name, fault := range faults {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/restart=%t", name, restart), func(t *testing.T) {
				t.Parallel()
				hit := 0
				for at := 1; at <= 24; at++ {
					synctest.Test(t, func(t *testing.T) {
						if runWithFault(t, fault, at, restart) {
							hit++
						}
					})
				}
				if hit < 10 {
					t.Errorf("only %d runs were long enough for their fault", hit)
				}
			})
		}
	}
}

// runWithFault lets four changes merge while the at-th append fails, and
// reports whether there was such an append.
func runWithFault(t *testing.T, fault memory.Fault, at int, restart bool) bool {
	appends := 0
	failed := make(chan struct{})
	w := newWorld(t, 4, memory.WithFault(func(eventlog.Record) (memory.Fault, error) {
		if appends++; appends != at {
			return memory.None, nil
		}
		close(failed)
		return fault, errDisk
	}))
	w.approve(4)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	e := w.engine()
	ended := make(chan error, 1)
	life, kill := context.WithCancel(ctx)
	go func() { ended <- e.Run(life) }()
	if restart || fault == memory.Die {
		select {
		case <-failed:
			if restart {
				kill()
			}
			if err := <-ended; fault == memory.Die && !restart && !errors.Is(err, eventlog.ErrFatal) {
				t.Errorf("the engine of a dead log ended with %v", err)
			}
			w.log = w.log.Reopen()
			e = w.engine()
			life, kill = context.WithCancel(ctx)
			go func() { ended <- e.Run(life) }()
		case <-time.After(time.Minute): // of the bubble: the run was too short
		}
	}
	<-w.all
	<-time.After(time.Minute) // lets a pause before another try end
	synctest.Wait()
	kill()
	if err := <-ended; err != nil {
		t.Fatalf("fault at append %d: the engine ended: %v", at, err)
	}
	synctest.Wait()
	w.verify(e)
	return appends >= at
}
