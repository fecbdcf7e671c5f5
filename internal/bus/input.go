package bus

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gozer-ci/gozer/scheduler"
)

// Message is one input of a tenant.
type Message struct {
	Seq  uint64 // of the tenant's stream, rising, not always by one
	ID   string // as given to PublishInput
	Time time.Time
	Data []byte
}

// PublishInput stores one input of a tenant and returns its sequence when it
// is synced to disk. A second one with the same id within ten minutes is not
// stored and returns the first one's sequence. ErrFull means that the tenant's
// stream is at its limit.
func (b *Bus) PublishInput(ctx context.Context, t scheduler.TenantName, id string, data []byte) (uint64, error) {
	if _, err := b.stream(ctx, b.inputConfig(t)); err != nil {
		return 0, err
	}
	m := &nats.Msg{Subject: inputSubject(t), Data: data, Header: nats.Header{jetstream.MsgIDHeader: {id}}}
	ack, err := b.js.PublishMsg(ctx, m)
	if err != nil {
		return 0, fmt.Errorf("publish input %s of tenant %s: %w", id, t, refused(err))
	}
	return ack.Sequence, nil
}

// InputStreamID identifies the tenant's stream of inputs: a stream that was
// deleted and made again has another identity, and its sequences mean nothing
// to who read the old one.
func (b *Bus) InputStreamID(ctx context.Context, t scheduler.TenantName) (string, error) {
	s, err := b.stream(ctx, b.inputConfig(t))
	if err != nil {
		return "", err
	}
	info := s.CachedInfo()
	return info.Config.Name + "@" + strconv.FormatInt(info.Created.UnixNano(), 36), nil
}

// Inputs subscribes to a tenant's inputs with sequences above after, in order
// and without end; those below after are dropped from the stream, since the
// log has them. It fails with ErrShrank when the stream ends before after.
// The subscription ends with ctx, with Close of it, or with the bus.
func (b *Bus) Inputs(ctx context.Context, t scheduler.TenantName, after uint64) (*Inputs, error) {
	s, err := b.stream(ctx, b.inputConfig(t))
	if err != nil {
		return nil, err
	}
	info, err := s.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("read inputs of tenant %s: %w", t, err)
	}
	if info.State.LastSeq < after {
		return nil, fmt.Errorf("inputs of tenant %s end at %d but %d was read before: %w", t, info.State.LastSeq, after, ErrShrank)
	}
	if after > info.State.FirstSeq {
		if err := b.TrimInputs(ctx, t, after); err != nil {
			return nil, err
		}
	}
	in := &Inputs{c: make(chan Message, 64)}
	in.C = in.c
	ctx, in.cancel = b.within(ctx)
	msgs, err := ordered(ctx, s, inputSubject(t), after+1)
	if err != nil {
		in.cancel()
		return nil, fmt.Errorf("read inputs of tenant %s: %w", t, err)
	}
	if !b.spawn(func() { in.pump(ctx, msgs) }) {
		msgs.Stop()
		in.cancel()
		return nil, ErrClosed
	}
	return in, nil
}

// TrimInputs drops a tenant's inputs below upTo, which the log has consumed;
// a server that runs for long calls it now and then, since a full stream
// refuses. The one at upTo stays, so that the stream remembers its sequence on
// disk.
func (b *Bus) TrimInputs(ctx context.Context, t scheduler.TenantName, upTo uint64) error {
	s, err := b.stream(ctx, b.inputConfig(t))
	if err != nil {
		return err
	}
	if err := s.Purge(ctx, jetstream.WithPurgeSequence(upTo)); err != nil {
		return fmt.Errorf("trim inputs of tenant %s: %w", t, err)
	}
	return nil
}

// Inputs is a subscription to a tenant's inputs.
type Inputs struct {
	// C delivers the inputs; it is closed when the subscription ends.
	C <-chan Message

	c      chan Message
	cancel context.CancelFunc
	err    error // written before c is closed
}

// Err says why C was closed; nil when the subscription was ended on purpose.
// It may be called only after C was closed.
func (in *Inputs) Err() error { return in.err }

// Close ends the subscription. It does not wait; C is closed soon after.
func (in *Inputs) Close() { in.cancel() }

func (in *Inputs) pump(ctx context.Context, msgs jetstream.MessagesContext) {
	defer close(in.c)
	defer in.cancel()
	defer msgs.Stop()
	for {
		m, err := nextMessage(ctx, msgs)
		if err != nil {
			if !ended(ctx, err) {
				in.err = err
			}
			return
		}
		meta, err := m.Metadata()
		if err != nil {
			in.err = err
			return
		}
		msg := Message{Seq: meta.Sequence.Stream, ID: m.Headers().Get(jetstream.MsgIDHeader), Time: meta.Timestamp, Data: m.Data()}
		select {
		case in.c <- msg:
		case <-ctx.Done():
			return
		}
	}
}
