package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/gozer-ci/gozer/scheduler"
)

// resultWait is how long an unacknowledged result waits before it is
// delivered again to the same subscription.
const resultWait = 5 * time.Minute

// Result is one answer of a worker to a tenant.
type Result struct {
	Data []byte
	// Ack removes the result from the bus, soon after it returns; call it when
	// the commit that used it is durable. A result without it comes again.
	Ack func()
}

// PublishResult hands a worker's answer to the tenant's engine, now or when it
// subscribes. It is kept in memory only.
func (b *Bus) PublishResult(ctx context.Context, t scheduler.TenantName, data []byte) error {
	if _, err := b.js.Publish(ctx, resultSubject(t), data); err != nil {
		return fmt.Errorf("publish result for tenant %s: %w", t, refused(err))
	}
	return nil
}

// Results subscribes to the answers for a tenant. There is one subscription
// per tenant: a new one takes over, and gets first what the former one did not
// acknowledge. It ends with ctx, with Close of it, or with the bus.
func (b *Bus) Results(ctx context.Context, t scheduler.TenantName) (*Results, error) {
	r := &Results{bus: b, tenant: t, c: make(chan Result, 64)}
	r.C = r.c
	msgs, err := r.subscribe(ctx)
	if err != nil {
		return nil, fmt.Errorf("read results for tenant %s: %w", t, err)
	}
	ctx, r.cancel = b.within(ctx)
	if !b.spawn(func() { r.run(ctx, msgs) }) {
		msgs.Stop()
		r.cancel()
		return nil, ErrClosed
	}
	return r, nil
}

// Results is a subscription to the answers for a tenant.
type Results struct {
	// C delivers the answers; it is closed when the subscription ends.
	C <-chan Result

	bus    *Bus
	tenant scheduler.TenantName
	c      chan Result
	cancel context.CancelFunc
}

// Close ends the subscription. It does not wait; C is closed soon after.
func (r *Results) Close() { r.cancel() }

// subscribe takes over from a former subscription.
func (r *Results) subscribe(ctx context.Context) (jetstream.MessagesContext, error) {
	name := "engine-" + Token(string(r.tenant))
	err := r.bus.js.DeleteConsumer(ctx, resultStream, name)
	if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return nil, err
	}
	c, err := r.bus.js.CreateConsumer(ctx, resultStream, jetstream.ConsumerConfig{
		Durable: name, FilterSubject: resultSubject(r.tenant),
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: resultWait, MaxAckPending: 10_000,
	})
	if err != nil {
		return nil, err
	}
	return c.Messages(jetstream.PullMaxMessages(readAhead))
}

// run delivers until ctx ends.
func (r *Results) run(ctx context.Context, msgs jetstream.MessagesContext) {
	defer close(r.c)
	defer r.cancel()
	_ = r.bus.persist(ctx, "results are not read", func(ctx context.Context) error {
		if msgs == nil {
			var err error
			if msgs, err = r.subscribe(ctx); err != nil {
				return err
			}
		}
		defer func() { msgs.Stop(); msgs = nil }()
		return r.pump(ctx, msgs)
	})
}

func (r *Results) pump(ctx context.Context, msgs jetstream.MessagesContext) error {
	for {
		m, err := nextMessage(ctx, msgs)
		if err != nil {
			return err
		}
		// A lost acknowledgement only means that the result comes again.
		ack := func() { _ = m.Ack() }
		select {
		case r.c <- Result{Data: m.Data(), Ack: ack}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
