package executor

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/gozer-ci/gozer/executor/sandbox"
	"github.com/gozer-ci/gozer/scheduler"
)

// Limits bound what one build may use. Zero values mean the defaults.
type Limits struct {
	// OutputBytes is the size of the console; default 100 MiB. A build that
	// prints more fails.
	OutputBytes int64
	// DiskBytes is the size of the workspace including temporary files,
	// without the objects of repositories; default 250 MiB. A build that
	// writes more ends with DISK_FULL.
	DiskBytes int64
	// Tasks counts processes and threads; default 2048. A build that has more fails.
	Tasks int
	// MemoryBytes bounds memory where the kernel lets us (cgroup v2); 0 is no
	// limit.
	MemoryBytes int64
	// OpenFiles is the limit of each process; default 4096.
	OpenFiles uint64
	// ReturnBytes is how much a job may return; default 256 KiB. One that
	// returns more ends with ERROR.
	ReturnBytes int64
	// Prepare is how long laying out the workspace may take; default 5 minutes.
	Prepare time.Duration
}

// Config is what a Service needs. Fields without a default are required.
type Config struct {
	// Name of this life of the executor; it must differ from all before.
	Name scheduler.ExecutorName
	// Dir is where workspaces are; builds/ in it is emptied at start. One
	// service at a time may use it.
	Dir string
	// Slots is how many builds run at a time; default 4.
	Slots int

	Queue        Queue
	Results      Results
	Console      ConsoleSink // nil: nobody watches
	Repositories Repositories
	Archive      Archive // nil: logs are thrown away
	// Wanted says whether the scheduler still waits for a build; messages of
	// others are dropped. Nil means that all are wanted.
	Wanted func(scheduler.TenantName, scheduler.BuildID) bool
	// Resumed says whether a paused build may go on; it is asked every
	// Heartbeat. Nil leaves it to Resume.
	Resumed func(scheduler.TenantName, scheduler.BuildID) bool
	// Secrets seals what jobs return as secret data; nil refuses such data.
	Secrets Sealer
	// Held says whether an autohold keeps a build that has failed, once its
	// tenant has decided that; then its workspace stays until LetGo. Nil means
	// that none is kept.
	Held func(context.Context, scheduler.TenantName, scheduler.BuildID) bool

	Sandbox sandbox.Config
	Limits  Limits
	// Env is added to the environment of every build.
	Env map[string]string
	// Path is the PATH of builds; default includes /usr/local/go/bin and the
	// system's directories.
	Path string
	// Heartbeat is how often messages of running builds are kept alive;
	// default 10 s.
	Heartbeat time.Duration

	// Now is the clock; default time.Now.
	Now func() time.Time
	Log *slog.Logger
}

const defaultPath = "/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func (c Config) check() error {
	switch {
	case c.Name == "":
		return errors.New("executor: no name")
	case c.Dir == "":
		return errors.New("executor: no directory")
	case c.Queue == nil || c.Results == nil || c.Repositories == nil:
		return errors.New("executor: queue, results and repositories are needed")
	case c.Slots < 0 || c.Heartbeat < 0:
		return errors.New("executor: negative slots or heartbeat")
	}
	return nil
}

func (c Config) withDefaults() Config {
	setDefault(&c.Slots, 4)
	setDefault(&c.Heartbeat, 10*time.Second)
	setDefault(&c.Path, defaultPath)
	setDefault(&c.Limits.OutputBytes, 100<<20)
	setDefault(&c.Limits.DiskBytes, 250<<20)
	setDefault(&c.Limits.Tasks, 2048)
	setDefault(&c.Limits.OpenFiles, 4096)
	setDefault(&c.Limits.ReturnBytes, 256<<10)
	setDefault(&c.Limits.Prepare, 5*time.Minute)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

func setDefault[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}
