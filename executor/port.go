package executor

import (
	"context"

	"github.com/gozer-ci/gozer/scheduler"
)

// Request is the work message: all that an executor must know of a build. It
// survives a round trip through encoding/json.
type Request struct {
	Start scheduler.StartBuild
	// LogURL is the public URL under which archived logs are served, without
	// the build's identifier; empty when nobody serves them.
	LogURL string
}

// Message is one delivery of a request. A message that is neither
// acknowledged nor kept alive is delivered again by its queue.
type Message interface {
	Request() Request
	// Ack ends the delivery: the work is done or will never be.
	Ack() error
	// InProgress asks the queue to go on waiting.
	InProgress() error
	// Release asks the queue to deliver the message again soon.
	Release() error
}

// Queue hands out work, the most urgent first.
type Queue interface {
	// Next waits for a message. It returns an error when ctx ends or the
	// queue can't be reached; the executor then asks again.
	Next(ctx context.Context) (Message, error)
}

// Results takes what the executor has to tell. Send returns nil when the
// command is safe; after an error it is called again with the same command.
type Results interface {
	Send(ctx context.Context, tenant scheduler.TenantName, c scheduler.Command) error
}

// ConsoleSink takes the console of running builds. Calls for one build come
// in order from one goroutine. The executor waits for the sink nowhere: a sink
// that is slow or fails gets the same bytes again, in larger pieces, until
// shortly after the build's end.
type ConsoleSink interface {
	// Write stores data at a byte offset. The data must not be kept.
	Write(ctx context.Context, build scheduler.BuildID, offset int64, data []byte) error
	// Close says that the console ended and has total bytes.
	Close(ctx context.Context, build scheduler.BuildID, total int64) error
}

// Repositories finds repositories on this machine.
type Repositories interface {
	// Repository returns the directory of the project's bare repository, which
	// holds the commits of all speculative states.
	Repository(ctx context.Context, project scheduler.ProjectName) (dir string, err error)
}

// Sealer encrypts secret data for the way from one build to others, through
// messages and logs that people may read.
type Sealer interface {
	Seal(tenant scheduler.TenantName, plain []byte) (scheduler.Sealed, error)
	// Open fails for what was sealed for another tenant or with another key.
	Open(tenant scheduler.TenantName, sealed scheduler.Sealed) ([]byte, error)
}

// Archive keeps the logs of finished builds.
type Archive interface {
	// Put stores the files in dir as those of build. It returns one line for
	// every path that it refused.
	Put(ctx context.Context, build scheduler.BuildID, dir string) (refused []string, err error)
}
