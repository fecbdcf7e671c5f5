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

// MaxEventBytes is the size of the largest event that a program may publish.
const MaxEventBytes = 256 << 10

// Retry bounds between attempts to handle an event.
const (
	retryFirst = 100 * time.Millisecond
	retryLast  = 30 * time.Second
)

// ReportSubject is where results for a tenant's programs are published.
func ReportSubject(t scheduler.TenantName, suffix string) string {
	return "gozer.report." + Token(string(t)) + "." + suffix
}

// PublishReport tells whoever listens on gozer.report.<tenant>.<suffix>. The
// message carries id in its Nats-Msg-Id header, so that a stream of the
// listener drops the second of two equal reports.
func (b *Bus) PublishReport(_ context.Context, t scheduler.TenantName, suffix, id string, data []byte) error {
	m := &nats.Msg{Subject: ReportSubject(t, suffix), Data: data, Header: nats.Header{jetstream.MsgIDHeader: {id}}}
	if err := b.conn.PublishMsg(m); err != nil {
		return fmt.Errorf("publish report %s of tenant %s: %w", id, t, err)
	}
	return nil
}

// HandleEvents hands the events that programs publish for a tenant to handle,
// in order and one at a time, until ctx or the bus ends. handle returns the
// answer for a publisher that asked for one and takes the event off the
// stream; when it returns an error the event is tried again, later and later.
func (b *Bus) HandleEvents(ctx context.Context, t scheduler.TenantName, handle func(ctx context.Context, subject string, data []byte) (reply []byte, err error)) error {
	ctx, cancel := b.within(ctx)
	defer cancel()
	s, err := b.stream(ctx, b.eventConfig(t))
	if err != nil {
		return err
	}
	cons, err := s.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: "gozer", AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Minute, MaxAckPending: readAhead,
	})
	if err != nil {
		return fmt.Errorf("read events of tenant %s: %w", t, err)
	}
	answers := newRendezvous()
	sub, err := b.conn.Subscribe(eventSubject(t)+".>", func(m *nats.Msg) { b.asked(t, answers, m) })
	if err != nil {
		return fmt.Errorf("listen for events of tenant %s: %w", t, err)
	}
	defer func() { _ = sub.Unsubscribe() }() // fails only on a closed connection
	msgs, err := cons.Messages(jetstream.PullMaxMessages(readAhead / 4))
	if err != nil {
		return fmt.Errorf("read events of tenant %s: %w", t, err)
	}
	defer msgs.Stop()
	for {
		m, err := nextMessage(ctx, msgs)
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, jetstream.ErrMsgIteratorClosed) {
				return context.Cause(ctx)
			}
			return fmt.Errorf("read events of tenant %s: %w", t, err)
		}
		reply, err := b.handleEvent(ctx, t, m, handle)
		if err != nil {
			return err
		}
		if to, ok := answers.settle(keyOf(m.Subject(), m.Data()), reply); ok {
			b.answer(to, reply)
		}
	}
}

// handleEvent calls handle until it succeeds or ctx ends.
func (b *Bus) handleEvent(ctx context.Context, t scheduler.TenantName, m jetstream.Msg, handle func(context.Context, string, []byte) ([]byte, error)) ([]byte, error) {
	for wait := retryFirst; ; wait = min(2*wait, retryLast) {
		reply, err := handle(ctx, m.Subject(), m.Data())
		if err == nil {
			// A lost acknowledgement only means that the event comes again.
			_ = m.Ack()
			return reply, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		b.log.Warn("event is tried again", "tenant", t, "wait", wait, "err", err)
		_ = m.InProgress()
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// asked notes who wants an answer to an event, and answers at once when the
// event is already dealt with or was too large for the stream.
func (b *Bus) asked(t scheduler.TenantName, answers *rendezvous, m *nats.Msg) {
	to := m.Reply
	// Any other subject would let a tenant speak with this process's rights.
	if !strings.HasPrefix(to, InboxPrefix(t)+".") && (b.server != nil || !strings.HasPrefix(to, "_INBOX.")) {
		to = ""
	}
	if len(m.Data) > MaxEventBytes {
		b.answer(to, TooLarge)
		return
	}
	if reply, ok := answers.ask(keyOf(m.Subject, m.Data), to); ok {
		b.answer(to, reply)
	}
}

// TooLarge answers events above MaxEventBytes.
var TooLarge = fmt.Appendf(nil, `{"error":{"code":400,"description":"event is larger than %d bytes"}}`, MaxEventBytes)

func (b *Bus) answer(to string, reply []byte) {
	if to == "" {
		return
	}
	if err := b.conn.Publish(to, reply); err != nil {
		b.log.Debug("event was not answered", "err", err)
	}
}
