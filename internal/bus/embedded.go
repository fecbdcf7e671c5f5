package bus

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// internalUser is the name under which this process connects; no tenant can
// have it, since names of tenants are encoded.
const internalUser = "=gozer"

// readyWait bounds the start of the embedded server, which takes milliseconds
// unless streams with millions of messages must be read.
const readyWait = time.Minute

func startServer(cfg Config, secret string) (*server.Server, error) {
	if cfg.Dir == "" {
		return nil, errors.New("start NATS: no directory given")
	}
	opts := &server.Options{
		ServerName: "gozer", DontListen: cfg.Listen == "",
		NoSigs: true, NoLog: true, NoSystemAccount: true, DisableJetStreamBanner: true,
		JetStream: true, StoreDir: cfg.Dir, SyncAlways: true,
		// Streams reserve their own limits; the disk itself is the real one.
		JetStreamMaxStore: 1 << 50, JetStreamMaxMemory: 4 * cfg.Limits.MemoryBytes,
		MaxPayload: cfg.Limits.MessageBytes, MaxPending: 64 << 20,
		CustomClientAuthentication: &gate{verify: cfg.Verify, secret: secret},
	}
	if cfg.Listen != "" {
		host, port, err := net.SplitHostPort(cfg.Listen)
		if err != nil {
			return nil, fmt.Errorf("listen for NATS: %w", err)
		}
		n, err := strconv.Atoi(port)
		if err != nil {
			return nil, fmt.Errorf("listen for NATS on %s: port is not a number", cfg.Listen)
		}
		if n == 0 {
			n = server.RANDOM_PORT
		}
		opts.Host, opts.Port = host, n
	}
	return runServer(opts, cfg)
}

func runServer(opts *server.Options, cfg Config) (*server.Server, error) {
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("start NATS in %s: %w", cfg.Dir, err)
	}
	s.SetLoggerV2(&serverLog{log: cfg.Log}, false, false, false)
	s.Start()
	if !s.ReadyForConnections(readyWait) || !s.JetStreamEnabled() {
		s.Shutdown()
		s.WaitForShutdown()
		return nil, fmt.Errorf("start NATS in %s: it did not become ready; see the messages before this one", cfg.Dir)
	}
	return s, nil
}

// serverLog passes on what the server has to warn of.
type serverLog struct{ log *slog.Logger }

func (l *serverLog) Noticef(string, ...any) {}
func (l *serverLog) Debugf(string, ...any)  {}
func (l *serverLog) Tracef(string, ...any)  {}

func (l *serverLog) Warnf(format string, v ...any) {
	l.log.Warn("nats server", "text", fmt.Sprintf(format, v...))
}

// Errorf tells refusals of clients apart from trouble of the server: anyone
// who reaches the port can cause them.
func (l *serverLog) Errorf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	if strings.Contains(text, "authentication error") || strings.Contains(text, "Violation") {
		l.log.Info("nats client was refused", "text", text)
		return
	}
	l.log.Error("nats server", "text", text)
}

// Fatalf only reports: runServer notices that the server is not ready, and
// ending the process is not a library's to do.
func (l *serverLog) Fatalf(format string, v ...any) {
	l.log.Error("nats server cannot run", "text", fmt.Sprintf(format, v...))
}
