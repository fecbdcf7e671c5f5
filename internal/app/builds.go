package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/internal/archive"
	"github.com/gozer-ci/gozer/internal/bus"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// workQueue hands an executor the build requests of its zone. One slot waits
// at a time, as the bus wants it; the others wait for their turn.
type workQueue struct {
	work *bus.Work
	turn chan struct{} // holds one token
}

func newWorkQueue(w *bus.Work) workQueue {
	q := workQueue{work: w, turn: make(chan struct{}, 1)}
	q.turn <- struct{}{}
	return q
}

func (q workQueue) Next(ctx context.Context) (executor.Message, error) {
	select {
	case <-q.turn:
		defer func() { q.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	task, err := q.work.Next(ctx)
	if err != nil {
		return nil, err
	}
	m := &workMessage{task: task}
	if err := json.Unmarshal(task.Data, &m.request); err != nil {
		// Nobody can ever run it; the scheduler asks again if it must.
		_ = task.Ack()
		return nil, fmt.Errorf("decode build request: %w", err)
	}
	return m, nil
}

type workMessage struct {
	task    *bus.Task
	request executor.Request
}

func (m *workMessage) Request() executor.Request { return m.request }
func (m *workMessage) Ack() error                { return m.task.Ack() }
func (m *workMessage) InProgress() error         { return m.task.InProgress() }
func (m *workMessage) Release() error            { return m.task.Nak() }

// busResults sends an executor's commands to the engine of a tenant.
type busResults struct{ bus *bus.Bus }

func (r busResults) Send(ctx context.Context, t scheduler.TenantName, c scheduler.Command) error {
	data, err := wire.EncodeCommand(c)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return r.bus.PublishResult(ctx, t, data)
}

// busConsole takes the console of running builds.
type busConsole struct{ bus *bus.Bus }

func (c busConsole) Write(ctx context.Context, b scheduler.BuildID, offset int64, data []byte) error {
	return c.bus.WriteConsole(ctx, b, offset, data, false)
}

func (c busConsole) Close(ctx context.Context, b scheduler.BuildID, total int64) error {
	return c.bus.WriteConsole(ctx, b, total, nil, true)
}

// archiver lets the executor store logs under build identifiers.
type archiver struct{ store *archive.Store }

func (a archiver) Put(ctx context.Context, b scheduler.BuildID, dir string) ([]string, error) {
	sum, err := a.store.Put(ctx, string(b), dir, time.Now())
	return sum.Refused, err
}
