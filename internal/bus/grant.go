package bus

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go"
)

// Grant tells workers that a task may go on with something that it waits for.
type Grant struct {
	ID     string `json:"id"`
	Number int    `json:"number"` // of the request that is granted
}

// PublishGrant tells every worker of a kind that listens now. A worker that
// missed it asks again.
func (b *Bus) PublishGrant(_ context.Context, kind, id string, number int) error {
	data, err := json.Marshal(Grant{ID: id, Number: number})
	if err != nil {
		return fmt.Errorf("grant %s work %s: %w", kind, id, err)
	}
	if err := b.conn.Publish(grantSubject(kind), data); err != nil {
		return fmt.Errorf("grant %s work %s: %w", kind, id, err)
	}
	return nil
}

func grantSubject(kind string) string { return "gozer.grant." + Token(kind) }

// Grants calls handle for each grant of a kind, one at a time, until ctx or the
// bus ends. handle must return soon.
func (b *Bus) Grants(ctx context.Context, kind string, handle func(Grant)) error {
	sub, err := b.conn.Subscribe(grantSubject(kind), func(m *nats.Msg) {
		var g Grant
		if err := json.Unmarshal(m.Data, &g); err != nil {
			b.log.Warn("malformed grant", "subject", m.Subject, "err", err)
			return
		}
		handle(g)
	})
	if err != nil {
		return fmt.Errorf("listen for granted %s work: %w", kind, err)
	}
	// Fails only when the connection is closed, which ended it already.
	context.AfterFunc(ctx, func() { _ = sub.Unsubscribe() })
	return nil
}
