package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gozer-ci/gozer/scheduler"
)

const (
	resultStream  = "RESULT"
	workStream    = "WORK"
	consoleStream = "CONSOLE"
)

func eventSubject(t scheduler.TenantName) string  { return "gozer.event." + Token(string(t)) }
func inputSubject(t scheduler.TenantName) string  { return "gozer.in." + Token(string(t)) }
func resultSubject(t scheduler.TenantName) string { return "gozer.result." + Token(string(t)) }
func inputStream(t scheduler.TenantName) string   { return "INPUT-" + Token(string(t)) }
func eventStream(t scheduler.TenantName) string   { return "EVENTS-" + Token(string(t)) }

// makeStreams makes those that all tenants share.
func (b *Bus) makeStreams(ctx context.Context) error {
	for _, c := range []jetstream.StreamConfig{
		{
			Name: resultStream, Subjects: []string{"gozer.result.*"},
			Retention: jetstream.WorkQueuePolicy, Storage: jetstream.MemoryStorage,
			MaxBytes: b.cfg.Limits.MemoryBytes, Discard: jetstream.DiscardNew,
		},
		{
			// One message per subject and refusing the new: a request that is
			// queued or running is not queued again.
			Name: workStream, Subjects: []string{"gozer.work.*.*.*.*"},
			Retention: jetstream.WorkQueuePolicy, Storage: jetstream.MemoryStorage,
			MaxBytes: b.cfg.Limits.MemoryBytes, Discard: jetstream.DiscardNew,
			MaxMsgsPerSubject: 1, DiscardNewPerSubject: true,
		},
		b.consoleConfig(),
	} {
		if _, err := b.stream(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// consoleConfig keeps consoles on disk without a sync per chunk: they are
// worth nothing after a power loss, since their builds run again.
func (b *Bus) consoleConfig() jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name: consoleStream, Subjects: []string{"gozer.console.*"},
		Retention: jetstream.LimitsPolicy, Storage: jetstream.FileStorage,
		MaxBytes: b.cfg.Limits.ConsoleBytes, MaxAge: b.cfg.Limits.ConsoleAge, Discard: jetstream.DiscardOld,
		Duplicates: 100 * time.Millisecond,
	}
	if b.cfg.Replicas <= 1 {
		c.PersistMode = jetstream.AsyncPersistMode
	}
	return c
}

func (b *Bus) inputConfig(t scheduler.TenantName) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: inputStream(t), Subjects: []string{inputSubject(t)},
		Retention: jetstream.LimitsPolicy, Storage: jetstream.FileStorage,
		MaxBytes: b.cfg.Limits.InputBytes, Discard: jetstream.DiscardNew,
		Duplicates: 10 * time.Minute, DenyDelete: true,
	}
}

// eventConfig has no acknowledgement of its own: the publisher is answered
// when the event was accepted for the pipelines or refused.
func (b *Bus) eventConfig(t scheduler.TenantName) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: eventStream(t), Subjects: []string{eventSubject(t) + ".>"},
		Retention: jetstream.WorkQueuePolicy, Storage: jetstream.FileStorage,
		MaxBytes: b.cfg.Limits.EventBytes, MaxMsgSize: MaxEventBytes + 4<<10, Discard: jetstream.DiscardNew,
		Duplicates: 100 * time.Millisecond, NoAck: true,
	}
}

// makeWait bounds the wait for a new stream of the embedded server, which
// takes milliseconds.
const makeWait = 10 * time.Second

// stream returns the stream of c, made or brought up to date on first use.
func (b *Bus) stream(ctx context.Context, c jetstream.StreamConfig) (jetstream.Stream, error) {
	b.mu.Lock()
	s, ok := b.streams[c.Name]
	b.mu.Unlock()
	if ok {
		return s, nil
	}
	if b.cfg.URL != "" {
		c.Replicas = max(1, b.cfg.Replicas)
	} else {
		// An embedded server that stops while it makes a stream leaves its
		// files open, so that whoever waits for the stream stays.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), makeWait)
		defer cancel()
	}
	s, err := b.js.CreateOrUpdateStream(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("make stream %s: %w", c.Name, err)
	}
	b.mu.Lock()
	b.streams[c.Name] = s
	b.mu.Unlock()
	return s, nil
}

// Codes of JetStream's refusals that mean a limit was reached.
const (
	codeStoreFailed  = 10077
	codeInsufficient = 10023
	// textPerSubject tells the limit of messages per subject from the others,
	// which share its code.
	textPerSubject = "maximum messages per subject exceeded"
)

// refused translates a refusal to store; nil err stays nil.
func refused(err error) error {
	if errors.Is(err, nats.ErrMaxPayload) {
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	}
	var api *jetstream.APIError
	if errors.As(err, &api) {
		if api.ErrorCode == codeStoreFailed || api.ErrorCode == codeInsufficient {
			return fmt.Errorf("%w: %s", ErrFull, api.Description)
		}
	}
	return err
}
