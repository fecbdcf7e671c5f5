package bus

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gozer-ci/gozer/scheduler"
)

// MaxEventBytes is the size of the largest event that a program may publish.
const MaxEventBytes = 256 << 10

// ReportSubject is where results for a tenant's programs are published:
// gozer.report.<tenant>, and the tokens with dots between, each encoded.
func ReportSubject(t scheduler.TenantName, tokens ...string) string {
	subject := "gozer.report." + Token(string(t))
	for _, token := range tokens {
		subject += "." + Token(token)
	}
	return subject
}

// PublishReport tells whoever listens on ReportSubject(t, tokens...). The
// message carries id in its Nats-Msg-Id header, so that a stream of the
// listener drops the second of two equal reports.
func (b *Bus) PublishReport(_ context.Context, t scheduler.TenantName, tokens []string, id string, data []byte) error {
	m := &nats.Msg{Subject: ReportSubject(t, tokens...), Data: data, Header: nats.Header{jetstream.MsgIDHeader: {id}}}
	if err := b.conn.PublishMsg(m); err != nil {
		return fmt.Errorf("publish report %s of tenant %s: %w", id, t, err)
	}
	return nil
}

// EventHandler looks at one event. The id is the same each time that the
// event comes; seq is its sequence in the tenant's stream.
type EventHandler = func(ctx context.Context, id string, seq uint64, subject string, data []byte) (reply []byte, err error)

// HandleEvents hands the events that programs publish for a tenant to handle,
// in order and one at a time, until ctx or the bus ends; then it returns nil.
// handle returns the answer for a publisher that asked for one and takes the
// event off the stream; when it returns an error the event is tried again,
// later and later.
func (b *Bus) HandleEvents(ctx context.Context, t scheduler.TenantName, handle EventHandler) error {
	ctx, cancel := b.within(ctx)
	defer cancel()
	l := &eventLoop{bus: b, tenant: t, handle: handle, answers: newRendezvous()}
	// It ends with ctx only.
	_ = b.persist(ctx, "events are not read", l.run)
	return nil
}

// eventLoop is one call of HandleEvents.
type eventLoop struct {
	bus     *Bus
	tenant  scheduler.TenantName
	prefix  string // of event ids: the stream's identity
	handle  EventHandler
	answers *rendezvous
}

func (l *eventLoop) run(ctx context.Context) error {
	s, err := l.bus.stream(ctx, l.bus.eventConfig(l.tenant))
	if err != nil {
		return err
	}
	l.prefix = Token(string(l.tenant)) + "-" + strconv.FormatInt(s.CachedInfo().Created.UnixNano(), 36)
	sub, err := l.bus.conn.Subscribe(eventSubject(l.tenant)+".>", l.asked)
	if err != nil {
		return err
	}
	defer func() { _ = sub.Unsubscribe() }() // fails only on a closed connection
	cons, err := s.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: "gozer", AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Minute, MaxAckPending: readAhead,
	})
	if err != nil {
		return err
	}
	msgs, err := cons.Messages(jetstream.PullMaxMessages(readAhead / 4))
	if err != nil {
		return err
	}
	defer msgs.Stop()
	for {
		m, err := nextMessage(ctx, msgs)
		if err == nil {
			err = l.one(ctx, m)
		}
		if err != nil {
			return err
		}
	}
}

// one calls handle until it succeeds or ctx ends.
func (l *eventLoop) one(ctx context.Context, m jetstream.Msg) error {
	meta, err := m.Metadata()
	if err != nil {
		return err
	}
	seq := meta.Sequence.Stream
	id := l.prefix + "-" + strconv.FormatUint(seq, 10)
	for wait := retryFirst; ; wait = min(2*wait, retryLast) {
		reply, err := l.handle(ctx, id, seq, m.Subject(), m.Data())
		if err == nil {
			// A lost acknowledgement only means that the event comes again.
			_ = m.Ack()
			if to, ok := l.answers.settle(keyOf(m.Subject(), m.Data()), reply); ok {
				l.answer(to, reply)
			}
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		l.bus.log.Warn("event is tried again", "tenant", l.tenant, "event", id, "wait", wait, "err", err)
		_ = m.InProgress() // without it the event comes again as well
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// asked notes who wants an answer to an event, and answers at once when the
// event is already dealt with or was too large for the stream.
func (l *eventLoop) asked(m *nats.Msg) {
	to := m.Reply
	if !l.mayAnswer(to) {
		to = ""
	}
	if len(m.Data) > MaxEventBytes {
		l.answer(to, tooLarge)
		return
	}
	if reply, ok := l.answers.ask(keyOf(m.Subject, m.Data), to); ok {
		l.answer(to, reply)
	}
}

// mayAnswer keeps a tenant from choosing a subject on which this process would
// speak with its own rights. On an external server the operator decides who
// may publish events, and inboxes have no tenant in their name.
func (l *eventLoop) mayAnswer(to string) bool {
	if l.bus.server == nil {
		return strings.HasPrefix(to, "_INBOX.")
	}
	return strings.HasPrefix(to, InboxPrefix(l.tenant)+".")
}

// tooLarge answers events above MaxEventBytes, which the stream does not take.
var tooLarge = fmt.Appendf(nil, `{"error":{"code":400,"description":"event is larger than %d bytes"}}`, MaxEventBytes)

func (l *eventLoop) answer(to string, reply []byte) {
	if to == "" {
		return
	}
	if err := l.bus.conn.Publish(to, reply); err != nil {
		l.bus.log.Debug("event was not answered", "tenant", l.tenant, "err", err)
	}
}
