package bus

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
)

// PublishResume tells every worker of a kind that listens now to let a paused
// task go on. Nobody answers, and who does not listen does not learn of it.
func (b *Bus) PublishResume(_ context.Context, kind, id string) error {
	if err := b.conn.Publish(resumeSubject(kind), []byte(id)); err != nil {
		return fmt.Errorf("resume %s work %s: %w", kind, id, err)
	}
	return nil
}

func resumeSubject(kind string) string { return "gozer.resume." + Token(kind) }

// Resumes calls handle with each task that may go on, one at a time, until ctx
// or the bus ends. handle must return soon.
func (b *Bus) Resumes(ctx context.Context, kind string, handle func(id string)) error {
	sub, err := b.conn.Subscribe(resumeSubject(kind), func(m *nats.Msg) { handle(string(m.Data)) })
	if err != nil {
		return fmt.Errorf("listen for resumed %s work: %w", kind, err)
	}
	// Fails only when the connection is closed, which ended it already.
	context.AfterFunc(ctx, func() { _ = sub.Unsubscribe() })
	return nil
}
