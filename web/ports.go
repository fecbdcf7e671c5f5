package web

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/gozer-ci/gozer/internal/explain"
	"github.com/gozer-ci/gozer/scheduler"
)

// Errors of the ports are *scheduler.Rejection or *source.Error where the
// caller is to blame (their Code chooses the HTTP status); anything else is an
// internal error and its text never leaves the process.

// Live is the present state of tenants.
type Live interface {
	// View calls f with the state of t and the sequence of the last commit in
	// it; the error says that there is none. f must be quick and keep nothing
	// of the state.
	View(t scheduler.TenantName, f func(s *scheduler.State, seq uint64)) error
	// WaitFor returns when the state of t holds commit seq.
	WaitFor(ctx context.Context, t scheduler.TenantName, seq uint64) error
	// Subscribe delivers the newest sequence of t until ctx ends, leaving out
	// those that a slow reader missed.
	Subscribe(ctx context.Context, t scheduler.TenantName) <-chan uint64
}

// Past answers questions about earlier times, and why. Errors for the caller:
// invalid for a time before the log or in the future, unavailable when the way
// there is too long to wait for.
type Past interface {
	// At calls f with the state of t at a time. f must keep nothing of the
	// state.
	At(ctx context.Context, t scheduler.TenantName, at time.Time, f func(s *scheduler.State)) (Moment, error)
	// Explain says why something is as it is, or was.
	Explain(ctx context.Context, q explain.Question) (explain.Document, error)
}

// Moment is a place in a tenant's log: commit Seq, made at Time, was the newest
// one at the time At.
type Moment struct {
	Seq      uint64
	Time, At time.Time
}

// History is the record of builds and buildsets. Rows come newest first; what
// is not there is a Rejection not_found.
type History interface {
	Builds(ctx context.Context, t scheduler.TenantName, f BuildFilter) ([]Build, error)
	Build(ctx context.Context, t scheduler.TenantName, id scheduler.BuildID) (Build, error)
	Buildsets(ctx context.Context, t scheduler.TenantName, f BuildsetFilter) ([]Buildset, error)
	Buildset(ctx context.Context, t scheduler.TenantName, id scheduler.BuildsetID) (Buildset, error)
	BuildTimes(ctx context.Context, t scheduler.TenantName, f BuildTimesFilter) ([]Build, error)
	// Change tells what was decided about a change and why.
	Change(ctx context.Context, t scheduler.TenantName, number int) (ChangeHistory, error)
	// SystemEvents are what happened to the tenant as a whole.
	SystemEvents(ctx context.Context, t scheduler.TenantName, f SystemEventFilter) ([]SystemEvent, error)
	// Estimate is how long a job should take; false when nothing is known.
	Estimate(ctx context.Context, t scheduler.TenantName, p scheduler.ProjectName, branch string, j scheduler.JobName) (time.Duration, bool, error)
}

// Layouts are the tenants' configurations.
type Layouts interface {
	// Tenants lists the configured tenants, sorted by name.
	Tenants() []scheduler.TenantName
	// Layout is the configuration in force; nil while it is not loaded.
	Layout(t scheduler.TenantName) Layout
}

// Console is what builds print.
type Console interface {
	// Read yields the output of a build from the byte offset on. With follow
	// it waits for more until the build ends. A chunk is valid until the next
	// one is asked for. An unknown build is a Rejection not_found.
	Read(ctx context.Context, build scheduler.BuildID, offset int64, follow bool) iter.Seq2[[]byte, error]
}

// Logs are the archived files of builds. What is not there, and links, are a
// Rejection not_found.
type Logs interface {
	// Open opens a file or a directory, which has no content.
	Open(build scheduler.BuildID, name string) (LogFile, error)
	// List gives all files and directories of a build, sorted by path.
	List(build scheduler.BuildID) ([]LogEntry, error)
}

// LogFile is an open file of a build. The server closes it.
type LogFile struct {
	io.ReadSeekCloser
	LogEntry
}

// LogEntry is a file or directory of a build.
type LogEntry struct {
	Path    string // inside the build, with slashes
	Dir     bool
	Size    int64 // bytes
	ModTime time.Time
	// Type is a content type that runs nothing in a browser.
	Type string
}

// Inputs are requests to the scheduler. They are durable when the call
// returns; seq is the position that a read can wait for, 0 when unknown.
type Inputs interface {
	Enqueue(ctx context.Context, r RefRequest) (seq uint64, err error)
	Dequeue(ctx context.Context, r RefRequest) (seq uint64, err error)
	Promote(ctx context.Context, r PromoteRequest) (seq uint64, err error)
	CreateAutohold(ctx context.Context, r AutoholdRequest) (seq uint64, err error)
	DeleteAutohold(ctx context.Context, t scheduler.TenantName, id scheduler.AutoholdID, actor string) (seq uint64, err error)
	Control(ctx context.Context, r ControlRequest) (seq uint64, err error)
}

// Shared is what tenants share.
type Shared interface {
	// Holders counts who holds a global semaphore, by tenant.
	Holders(name scheduler.SemaphoreName) map[scheduler.TenantName]int
	// FailRequest refuses an open node request of a tenant; false when there
	// is none.
	FailRequest(t scheduler.TenantName, id scheduler.NodeRequestID, detail string) bool
}

// RefRequest names a ref of a project and a pipeline. Either Number and
// Patchset are set, or Ref. To enqueue, NewRev is the commit to test, that of
// the ref when empty, and OldRev the commit before, where it matters.
type RefRequest struct {
	Tenant           scheduler.TenantName
	Project          scheduler.ProjectName
	Pipeline         scheduler.PipelineName
	Number, Patchset int
	Ref              string
	OldRev, NewRev   string
	Actor            string
}
