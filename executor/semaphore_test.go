package executor_test

import (
	"testing"
	"time"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/scheduler"
)

// withSemaphores is a job whose only playbook needs semaphores.
func (b *bench) withSemaphores(script string) executor.Request {
	r := b.job(map[string]string{"run": script})
	r.Start.Job.Run[0].Semaphores = []scheduler.SemaphoreName{"printer"}
	return r
}

func TestPlaybookWaitsForItsSemaphores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sink.grew = make(chan struct{}, 1)
	r := b.withSemaphores("echo printing")
	m := b.send(r)
	b.started(r.Start.Build)
	asked, ok := b.next().(scheduler.AskedSemaphores)
	if !ok || asked.Build != r.Start.Build || asked.Number != 1 || len(asked.Semaphores) != 1 || asked.Executor != b.cfg.Name {
		t.Fatalf("asked %+v", asked)
	}
	b.svc.Granted(r.Start.Build, 7) // of another request
	b.svc.Granted("unknown", 1)
	b.awaitConsole(r.Start.Build, "Waiting for semaphore printer")
	b.svc.Granted(r.Start.Build, 1)
	if got, ok := b.next().(scheduler.ReturnedSemaphores); !ok || got.Number != 1 {
		t.Fatalf("returned %+v", got)
	}
	if got := b.completed(r.Start.Build); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v", got)
	}
	await(t, m.acked, "acknowledgement")
}

func TestWaitForSemaphoresCountsAgainstTheTimeout(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.withSemaphores("echo never")
	r.Start.Job.Timeout = 300 * time.Millisecond
	m := b.send(r)
	b.started(r.Start.Build)
	if _, ok := b.next().(scheduler.AskedSemaphores); !ok {
		t.Fatal("it did not ask")
	}
	if _, ok := b.next().(scheduler.ReturnedSemaphores); !ok {
		t.Fatal("it did not take its request back")
	}
	if got := b.completed(r.Start.Build); got.Result != scheduler.ResultTimedOut {
		t.Errorf("got %+v", got)
	}
	await(t, m.acked, "acknowledgement")
}
