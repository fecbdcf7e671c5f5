package bus

import (
	"errors"
	"log/slog"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Errors that callers tell apart.
var (
	// ErrShrank says that a stream holds less than what was already read from
	// it: it was damaged or replaced by an old copy.
	ErrShrank = errors.New("stream is shorter than what was read from it")
	// ErrFull says that a stream is at its limit; nothing was stored. The
	// publisher keeps its message and tries again later.
	ErrFull = errors.New("stream is full")
	// ErrTooLarge says that a message is larger than the server takes; it never
	// will be stored.
	ErrTooLarge = errors.New("message is too large")
	// ErrSlow says that a console reader fell behind the bytes kept in memory
	// and was dropped. It may come back at the offset it reached.
	ErrSlow = errors.New("console reader was too slow")
	// ErrClosed says that the bus was closed.
	ErrClosed = errors.New("bus is closed")
)

// Config says where the bus lives. The zero value with Dir set is an embedded
// server without a port.
type Config struct {
	// Dir holds the embedded server's streams.
	Dir string
	// Listen is host:port to open for other programs; empty opens none.
	Listen string
	// URL of an external server; the embedded one is then not started and
	// Dir, Listen and Verify are not used.
	URL string
	// Credentials is a NATS credentials file for URL; Username and Password
	// are the alternative. All may be empty.
	Credentials, Username, Password string
	// Replicas of streams on an external server; 0 is 1.
	Replicas int
	// Verify checks what a program shows to the listening port: the tenant's
	// name as user, a token of that tenant as password. It returns the user
	// that the token names. Nil refuses everyone. It is called from many
	// goroutines.
	Verify func(tenant scheduler.TenantName, token string) (user string, ok bool)
	Limits Limits
	// Log receives warnings and errors of the server and of the connection;
	// nil discards them.
	Log *slog.Logger
}

// Limits bound what the streams may hold. Zero values mean the defaults.
type Limits struct {
	InputBytes   int64         // of one tenant; default 256 MiB
	EventBytes   int64         // of one tenant; default 64 MiB
	ConsoleBytes int64         // of all builds; default 1 GiB
	ConsoleAge   time.Duration // default 24 h
	MemoryBytes  int64         // of work and of results, each; default 256 MiB
	MessageBytes int32         // of one message; default 8 MiB
}

func (l Limits) withDefaults() Limits {
	l.InputBytes = orDefault(l.InputBytes, 256<<20)
	l.EventBytes = orDefault(l.EventBytes, 64<<20)
	l.ConsoleBytes = orDefault(l.ConsoleBytes, 1<<30)
	l.ConsoleAge = orDefault(l.ConsoleAge, 24*time.Hour)
	l.MemoryBytes = orDefault(l.MemoryBytes, 256<<20)
	l.MessageBytes = orDefault(l.MessageBytes, 8<<20)
	return l
}

func orDefault[T int32 | int64 | time.Duration](v, d T) T {
	if v == 0 {
		return d
	}
	return v
}
