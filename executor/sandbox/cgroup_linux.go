package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// cgroup is a cgroup v2 of one program. A nil cgroup does nothing.
type cgroup struct {
	dir string
	f   *os.File
}

// newCgroup makes a cgroup with limits; nil when none is configured.
func (c Config) newCgroup(l Limits) (*cgroup, error) {
	if c.Cgroup == "" {
		return nil, nil
	}
	dir, err := os.MkdirTemp(c.Cgroup, "build-")
	if err != nil {
		return nil, fmt.Errorf("make a cgroup: %w", err)
	}
	g := &cgroup{dir: dir}
	if l.Tasks > 0 {
		err = g.set("pids.max", int64(l.Tasks+slack))
	}
	if l.MemoryBytes > 0 {
		err = errors.Join(err, g.set("memory.max", l.MemoryBytes))
	}
	if err == nil {
		g.f, err = os.Open(dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("limit a cgroup: %w", err), g.remove())
	}
	return g, nil
}

func (g *cgroup) set(file string, value int64) error {
	return os.WriteFile(filepath.Join(g.dir, file), strconv.AppendInt(nil, value, 10), 0o644)
}

// use makes the next process start in the cgroup.
func (g *cgroup) use(attr *syscall.SysProcAttr) {
	if g != nil {
		attr.UseCgroupFD, attr.CgroupFD = true, int(g.f.Fd())
	}
}

func (g *cgroup) kill() {
	if g != nil {
		// Kernels before 5.14 lack the file; the pid namespace does the same.
		_ = os.WriteFile(filepath.Join(g.dir, "cgroup.kill"), []byte("1"), 0)
	}
}

func (g *cgroup) remove() error {
	if g == nil {
		return nil
	}
	if g.f != nil {
		_ = g.f.Close() // only a handle
	}
	return os.Remove(g.dir)
}
