package natssource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// Broker carries events and reports.
type Broker interface {
	// HandleEvents hands each event of a tenant to handle, in order, again
	// until it returns no error, and sends the reply to a publisher that asked
	// for one. It returns nil when ctx ends.
	HandleEvents(ctx context.Context, t scheduler.TenantName,
		handle func(ctx context.Context, id string, seq uint64, subject string, data []byte) (reply []byte, err error)) error
	// PublishReport publishes on gozer.report.<tenant>.<tokens>, the tokens
	// encoded. A second report with the same id may be dropped.
	PublishReport(ctx context.Context, t scheduler.TenantName, tokens []string, id string, data []byte) error
}

// Resolver finds what an event means. Project is as the publisher wrote it,
// with or without its canonical host. A *source.Error refuses the event; any
// other error means that it shall be tried again.
type Resolver interface {
	// Ref returns a branch or tag of a project of the tenant, with NewRev the
	// commit that it points to now. ref is its full name.
	Ref(ctx context.Context, t scheduler.TenantName, project, ref string) (scheduler.Ref, error)
	// Change returns current facts about a change of a project of the tenant:
	// the change first, then what belongs to it (source.Source.Closure).
	Change(ctx context.Context, t scheduler.TenantName, project string, number int) ([]scheduler.Change, error)
}

// Sink takes an event for one tenant; it returns nil once the event can't be
// lost any more.
type Sink func(ctx context.Context, t scheduler.TenantName, event scheduler.TriggerEvent) error

// Config is what a Source needs; all fields are required.
type Config struct {
	Connection scheduler.ConnectionName
	Broker     Broker
	Resolver   Resolver
	Sink       Sink
	Now        func() time.Time
	Log        *slog.Logger
}

// Source is a connection of driver nats.
type Source struct {
	cfg                Config
	accepted, rejected atomic.Uint64
}

// New returns a source that does nothing until Serve.
func New(cfg Config) *Source { return &Source{cfg: cfg} }

// Connection is the connection's name in gozer.yaml.
func (s *Source) Connection() scheduler.ConnectionName { return s.cfg.Connection }

// Counts returns how many events were accepted and rejected since the start.
func (s *Source) Counts() (accepted, rejected uint64) {
	return s.accepted.Load(), s.rejected.Load()
}

// Serve takes the events of one tenant until ctx ends, then returns nil. Each
// tenant has its own call, so that none waits for another.
func (s *Source) Serve(ctx context.Context, t scheduler.TenantName) error {
	return s.cfg.Broker.HandleEvents(ctx, t, func(ctx context.Context, id string, seq uint64, subject string, data []byte) ([]byte, error) {
		return s.handle(ctx, t, message{id: id, seq: seq, subject: subject, data: data})
	})
}

type message struct {
	id      string
	seq     uint64
	subject string
	data    []byte
}

// handle accepts or rejects a message; an error means to try again.
func (s *Source) handle(ctx context.Context, t scheduler.TenantName, m message) ([]byte, error) {
	trigger, err := s.translate(ctx, t, m)
	var refusal *source.Error
	if errors.As(err, &refusal) {
		return s.reject(ctx, t, m, refusal)
	}
	if err != nil {
		return nil, fmt.Errorf("resolve event %s: %w", m.id, err)
	}
	if err := s.cfg.Sink(ctx, t, trigger); err != nil {
		return nil, fmt.Errorf("hand on event %s: %w", m.id, err)
	}
	s.accepted.Add(1)
	return json.Marshal(accepted{Stream: "EVENTS", Seq: m.seq, ID: string(trigger.ID)})
}

// translate turns a message into a trigger event.
func (s *Source) translate(ctx context.Context, t scheduler.TenantName, m message) (scheduler.TriggerEvent, error) {
	e, err := decode(m.data)
	if err != nil {
		return scheduler.TriggerEvent{}, err
	}
	if e.ID == "" {
		e.ID = m.id
	}
	out := scheduler.TriggerEvent{
		// The prefix keeps publishers from taking ids of other sources.
		ID:         scheduler.EventID(string(s.cfg.Connection) + ":" + e.ID),
		Connection: s.cfg.Connection, Type: e.Type, Comment: e.Comment, Username: e.User,
		Data: compact(e.Data), Time: s.cfg.Now(),
	}
	if e.Change != 0 {
		out.Changes, err = s.cfg.Resolver.Change(ctx, t, e.Project, e.Change)
		if err == nil && len(out.Changes) == 0 {
			err = &source.Error{Code: source.CodeNotFound, Message: fmt.Sprintf("project %s has no change %d", e.Project, e.Change)}
		}
		if err == nil {
			out.Ref = out.Changes[0].Ref
		}
		return out, err
	}
	name := e.Ref
	if e.Branch != "" {
		name = "refs/heads/" + e.Branch
	}
	if out.Ref, err = s.cfg.Resolver.Ref(ctx, t, e.Project, name); err != nil {
		return out, err
	}
	if e.NewRev != "" {
		out.Ref.NewRev = e.NewRev
	}
	if e.OldRev != "" {
		out.Ref.OldRev = e.OldRev
	}
	return out, nil
}

// reject tells the publisher and the tenant's listeners, and lets the event go.
func (s *Source) reject(ctx context.Context, t scheduler.TenantName, m message, why *source.Error) ([]byte, error) {
	s.rejected.Add(1)
	s.cfg.Log.Info("event rejected", "tenant", t, "event", m.id, "err", why)
	r := rejected{ID: m.id, Seq: m.seq, Subject: m.subject, Error: fault{Code: status(why.Code), Reason: why.Code, Description: why.Message}}
	data, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("reject event %s: %w", m.id, err)
	}
	if err := s.cfg.Broker.PublishReport(ctx, t, []string{"rejected"}, m.id, data); err != nil {
		s.cfg.Log.Warn("rejection was not published", "tenant", t, "event", m.id, "err", err)
	}
	return data, nil
}

// accepted answers a publisher; it can be read as JetStream's acknowledgement.
type accepted struct {
	Stream string `json:"stream"`
	Seq    uint64 `json:"seq"`
	ID     string `json:"id"`
}

// rejected answers a publisher; its error can be read as JetStream's.
type rejected struct {
	ID      string `json:"id"`
	Seq     uint64 `json:"seq"`
	Subject string `json:"subject"`
	Error   fault  `json:"error"`
}

type fault struct {
	Code        int    `json:"code"`
	Reason      string `json:"reason"`
	Description string `json:"description"`
}

// status is the number that HTTP has for a code of source.Error.
func status(code string) int {
	switch code {
	case source.CodeNotFound:
		return 404
	case source.CodeConflict:
		return 409
	case source.CodeUnauthenticated:
		return 401
	case source.CodeForbidden:
		return 403
	case source.CodeExhausted:
		return 429
	}
	return 400
}
