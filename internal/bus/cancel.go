package bus

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go"
)

// Cancel asks workers to stop a task.
type Cancel struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// PublishCancel tells every worker of a kind that listens now to stop a task.
// Nobody answers, and who does not listen does not learn of it.
func (b *Bus) PublishCancel(_ context.Context, kind, id, reason string) error {
	data, err := json.Marshal(Cancel{ID: id, Reason: reason})
	if err != nil {
		return fmt.Errorf("cancel %s work %s: %w", kind, id, err)
	}
	if err := b.conn.Publish(cancelSubject(kind), data); err != nil {
		return fmt.Errorf("cancel %s work %s: %w", kind, id, err)
	}
	return nil
}

func cancelSubject(kind string) string { return "gozer.cancel." + Token(kind) }

// Cancels calls handle for each cancellation of a kind, one at a time, until
// ctx or the bus ends. handle must return soon.
func (b *Bus) Cancels(ctx context.Context, kind string, handle func(Cancel)) error {
	sub, err := b.conn.Subscribe(cancelSubject(kind), func(m *nats.Msg) {
		var c Cancel
		if err := json.Unmarshal(m.Data, &c); err != nil {
			b.log.Warn("malformed cancellation", "subject", m.Subject, "err", err)
			return
		}
		handle(c)
	})
	if err != nil {
		return fmt.Errorf("listen for cancelled %s work: %w", kind, err)
	}
	// Fails only when the connection is closed, which ended it already.
	context.AfterFunc(ctx, func() { _ = sub.Unsubscribe() })
	return nil
}
