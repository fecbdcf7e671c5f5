package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gozer-ci/gozer/scheduler"
)

// WorkLease is how long a task may go without InProgress before it is given to
// another worker.
const WorkLease = 30 * time.Second

// After a wake-up the queues are looked at again and again, later and later: a
// task is announced to a consumer a moment after it was stored. The last
// interval also bounds how long a task lies unseen that came back to the queue
// by itself, after its lease.
const (
	recheckFirst = time.Millisecond
	recheckLast  = 5 * time.Second
)

// classes of precedence, first served first.
var classes = []string{"high", "normal", "low"}

func class(precedence int) string {
	switch {
	case precedence <= int(scheduler.PrecedenceHigh):
		return classes[0]
	case precedence <= int(scheduler.PrecedenceNormal):
		return classes[1]
	}
	return classes[2]
}

// PublishWork queues a task for the workers of a kind in a zone; lower
// precedences (scheduler.Precedence) are served first. While a task with the
// same id is queued or running, another one changes nothing. Tasks are kept in
// memory only.
func (b *Bus) PublishWork(ctx context.Context, kind, zone string, precedence int, id string, data []byte) error {
	prefix := workPrefix(kind, zone)
	_, err := b.js.Publish(ctx, prefix+"."+class(precedence)+"."+Token(id), data)
	var api *jetstream.APIError
	if errors.As(err, &api) && strings.Contains(api.Description, textPerSubject) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("publish %s work %s: %w", kind, id, refused(err))
	}
	if err := b.conn.Publish(wakeSubject(kind, zone), nil); err != nil {
		return fmt.Errorf("publish %s work %s: %w", kind, id, err)
	}
	return nil
}

// DropWork removes a task that may still be queued, in any zone; one that a
// worker already holds is not interrupted by it (see PublishCancel).
func (b *Bus) DropWork(ctx context.Context, kind, id string) error {
	s, err := b.js.Stream(ctx, workStream)
	if err != nil {
		return fmt.Errorf("drop %s work %s: %w", kind, id, err)
	}
	subject := "gozer.work." + Token(kind) + ".*.*." + Token(id)
	if err := s.Purge(ctx, jetstream.WithPurgeSubject(subject)); err != nil {
		return fmt.Errorf("drop %s work %s: %w", kind, id, err)
	}
	return nil
}

func workPrefix(kind, zone string) string  { return "gozer.work." + Token(kind) + "." + Token(zone) }
func wakeSubject(kind, zone string) string { return "gozer.wake." + Token(kind) + "." + Token(zone) }

// Work takes part in serving the tasks of a kind in a zone.
func (b *Bus) Work(ctx context.Context, kind, zone string) (*Work, error) {
	w := &Work{bus: b, kind: kind, zone: zone, wake: make(chan struct{}, 1)}
	if err := w.join(ctx); err != nil {
		return nil, err
	}
	sub, err := b.conn.Subscribe(wakeSubject(kind, zone), func(*nats.Msg) { w.poke() })
	if err != nil {
		return nil, fmt.Errorf("serve %s work of zone %q: %w", kind, zone, err)
	}
	w.sub = sub
	return w, nil
}

// join makes the consumers, one for each class.
func (w *Work) join(ctx context.Context) error {
	w.queues = nil
	for _, c := range classes {
		cons, err := w.bus.js.CreateOrUpdateConsumer(ctx, workStream, jetstream.ConsumerConfig{
			Durable:       "work-" + Token(w.kind) + "-" + Token(w.zone) + "-" + c,
			FilterSubject: workPrefix(w.kind, w.zone) + "." + c + ".*",
			AckPolicy:     jetstream.AckExplicitPolicy, AckWait: WorkLease, MaxAckPending: -1,
		})
		if err != nil {
			return fmt.Errorf("serve %s work of zone %q: %w", w.kind, w.zone, err)
		}
		w.queues = append(w.queues, cons)
	}
	return nil
}

// Work serves tasks. Next may be called from one goroutine at a time.
type Work struct {
	bus    *Bus
	kind   string
	zone   string
	queues []jetstream.Consumer // in order of classes; empty after trouble
	sub    *nats.Subscription
	wake   chan struct{}
}

// Next waits for the first task in order of precedence, also through trouble
// of the server. It returns ctx's error when ctx ends, and ErrClosed after the
// bus was closed.
func (w *Work) Next(ctx context.Context) (*Task, error) {
	for wait := recheckFirst; ; wait = min(2*wait, recheckLast) {
		t, err := w.take(ctx)
		if t != nil {
			return t, nil
		}
		if err != nil && ctx.Err() == nil && w.bus.ctx.Err() == nil {
			w.bus.log.Warn("work is not taken", "kind", w.kind, "zone", w.zone, "err", err)
			w.queues, wait = nil, recheckLast
		}
		timer := time.NewTimer(wait)
		select {
		case <-w.wake:
			wait = recheckFirst / 2
		case <-timer.C:
		case <-ctx.Done():
		case <-w.bus.ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if w.bus.ctx.Err() != nil {
			return nil, ErrClosed
		}
	}
}

// take returns a task that is queued now, or nil.
func (w *Work) take(ctx context.Context) (*Task, error) {
	if len(w.queues) == 0 {
		if err := w.join(ctx); err != nil {
			return nil, err
		}
	}
	for _, q := range w.queues {
		batch, err := q.FetchNoWait(1)
		if err != nil {
			return nil, err
		}
		for m := range batch.Messages() {
			// More may wait than there were wake-ups.
			w.poke()
			return newTask(m, w), nil
		}
		if err := batch.Error(); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (w *Work) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Close leaves. Tasks that were taken stay with their holder.
func (w *Work) Close() error { return w.sub.Unsubscribe() }

// Task is work that this process holds until it settles it.
type Task struct {
	Data []byte
	// Deliveries counts how often the task was given to a worker; above 1 a
	// former holder was lost or gave it back.
	Deliveries uint64
	msg        jetstream.Msg
	work       *Work
}

func newTask(m jetstream.Msg, w *Work) *Task {
	t := &Task{Data: m.Data(), Deliveries: 1, msg: m, work: w}
	if meta, err := m.Metadata(); err == nil {
		t.Deliveries = meta.NumDelivered
	}
	return t
}

// InProgress renews the lease; call it at least every WorkLease/3.
func (t *Task) InProgress() error { return t.msg.InProgress() }

// Ack settles the task; call it after its result was published.
func (t *Task) Ack() error { return t.msg.Ack() }

// Nak gives the task back for another worker, at once.
func (t *Task) Nak() error {
	defer t.work.poke()
	return t.msg.Nak()
}
