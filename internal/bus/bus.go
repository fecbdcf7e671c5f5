package bus

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Bus is a connection to NATS with Gozer's streams. All methods may be called
// from many goroutines.
type Bus struct {
	cfg    Config
	log    *slog.Logger
	server *server.Server // nil with an external one
	conn   *nats.Conn
	js     jetstream.JetStream
	inbox  string

	// ctx ends with Close; everything that the bus runs by itself hangs on it.
	ctx   context.Context
	stop  context.CancelFunc
	tasks sync.WaitGroup

	mu      sync.Mutex                  // guards what follows
	streams map[string]jetstream.Stream // by name, those known to exist
	hubs    map[string]*hub             // consoles with readers, by build
	life    context.Context             // of the connection: ends when it was made again
	endLife context.CancelFunc
	closed  bool
}

// Open starts the embedded server or connects to the external one, and makes
// the streams that all tenants share. It is ready when it returns; Close
// releases everything.
func Open(ctx context.Context, cfg Config) (*Bus, error) {
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	b := &Bus{
		cfg: cfg, log: cfg.Log, inbox: "_GOZER." + rand.Text(),
		streams: map[string]jetstream.Stream{}, hubs: map[string]*hub{},
	}
	b.ctx, b.stop = context.WithCancel(context.WithoutCancel(ctx))
	b.life, b.endLife = context.WithCancel(b.ctx)
	if err := b.connect(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if err := b.makeStreams(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Bus) connect() error {
	opts := []nats.Option{
		nats.Name("gozer"), nats.CustomInboxPrefix(b.inbox), nats.ErrorHandler(b.connError),
	}
	var err error
	if b.cfg.URL != "" {
		b.conn, err = nats.Connect(b.cfg.URL, append(opts, b.external()...)...)
		if err != nil {
			return fmt.Errorf("connect to NATS at %s: %w", b.cfg.URL, err)
		}
	} else {
		secret := rand.Text()
		if b.server, err = startServer(b.cfg, secret); err != nil {
			return err
		}
		b.conn, err = nats.Connect("", append(opts, nats.InProcessServer(b.server),
			nats.UserInfo(internalUser, secret), nats.NoReconnect())...)
		if err != nil {
			return fmt.Errorf("connect to the embedded NATS server: %w", err)
		}
	}
	if b.js, err = jetstream.New(b.conn); err != nil {
		return fmt.Errorf("open JetStream: %w", err)
	}
	return nil
}

func (b *Bus) external() []nats.Option {
	opts := []nats.Option{nats.MaxReconnects(-1), nats.ReconnectHandler(func(*nats.Conn) { b.reconnected() })}
	if b.cfg.Credentials != "" {
		opts = append(opts, nats.UserCredentials(b.cfg.Credentials))
	}
	if b.cfg.Username != "" {
		opts = append(opts, nats.UserInfo(b.cfg.Username, b.cfg.Password))
	}
	return opts
}

func (b *Bus) connError(_ *nats.Conn, sub *nats.Subscription, err error) {
	subject := ""
	if sub != nil {
		subject = sub.Subject
	}
	b.log.Warn("nats connection", "subject", subject, "err", err)
}

// ListenAddr is the address that the embedded server listens on; empty when
// it opens no port.
func (b *Bus) ListenAddr() string {
	if b.server == nil || b.cfg.Listen == "" {
		return ""
	}
	return b.server.Addr().String()
}

// Err reports whether the bus can carry messages now; nil means it can.
func (b *Bus) Err() error {
	if b.ctx.Err() != nil {
		return ErrClosed
	}
	if s := b.conn.Status(); s != nats.CONNECTED {
		return fmt.Errorf("nats connection is %s", s)
	}
	return nil
}

// Close ends all subscriptions, disconnects and stops the embedded server. It
// returns when every goroutine of the bus has ended.
func (b *Bus) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.stop()
	b.tasks.Wait()
	if b.conn != nil {
		// Reports and cancellations may still be buffered; nobody waits for
		// them, so that they could not be sent is nobody's error.
		_ = b.conn.FlushTimeout(time.Second)
		b.conn.Close()
	}
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
	return nil
}

// spawn runs f unless the bus is closed; Close waits for it.
func (b *Bus) spawn(f func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.tasks.Go(f)
	return true
}

// within returns a context that ends with ctx or with the bus.
func (b *Bus) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	detach := context.AfterFunc(b.ctx, cancel)
	return ctx, func() { detach(); cancel() }
}
