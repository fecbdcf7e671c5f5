package sandbox

import (
	"errors"
	"io"
)

// Mode chooses how programs are confined.
type Mode string

// The modes.
const (
	// Bubblewrap is the default.
	Bubblewrap Mode = "bwrap"
	// None runs programs as the server's user with access to everything that
	// this user has. It is for machines that serve nothing else.
	None Mode = "none"
)

// Config says how to confine. The zero value is good.
type Config struct {
	Mode Mode // default Bubblewrap
	// Bwrap is the program's name or path; default "bwrap".
	Bwrap string
	// ReadOnlyPaths are directories or files of the host that programs may
	// read at the same path. Missing ones are left out.
	ReadOnlyPaths []string
	// AllowNested lets programs make user namespaces, which sandboxes and
	// rootless containers inside jobs need. It widens the kernel surface.
	AllowNested bool
	// Cgroup is a cgroup v2 directory that the server may make children in;
	// with it limits on memory and tasks are the kernel's. When it is empty,
	// servers of root limit tasks where they find a cgroup for it, and for
	// other users the kernel's limit of processes does the same.
	Cgroup string
}

// Remaps reports whether programs see the targets of binds; without a sandbox
// they see the sources.
func (c Config) Remaps() bool { return c.Mode != None }

func (c Config) bwrap() string {
	if c.Bwrap == "" {
		return "bwrap"
	}
	return c.Bwrap
}

// Bind shows a directory or file of the host inside.
type Bind struct {
	Source, Target string
	Writable       bool
}

// Limits of one program with all its descendants. Zero is no limit.
type Limits struct {
	Tasks       int    // processes and threads
	FileBytes   uint64 // size of one file
	OpenFiles   uint64 // of each process
	MemoryBytes int64  // only with a cgroup
}

// Spec is a program to run.
type Spec struct {
	// Argv is the program, by absolute path or by name in the PATH of Env, with its arguments.
	Argv []string
	Env  []string
	// Cwd is the working directory as the program sees it.
	Cwd   string
	Binds []Bind
	// Output takes what the program writes to its standard output and error,
	// from one goroutine. Its errors are ignored.
	Output io.Writer
	Limits Limits
}

// Exit says how a program ended.
type Exit struct {
	// Code is the exit status, 128 plus the signal's number for a program that
	// a signal killed.
	Code int
	// TooManyTasks says that it was killed for exceeding Limits.Tasks.
	TooManyTasks bool
}

// ErrSetup says that the sandbox could not be set up: the program never ran.
var ErrSetup = errors.New("sandbox could not be set up")
