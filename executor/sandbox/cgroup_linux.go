package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// cgroup holds the processes of one program. A nil cgroup does nothing.
type cgroup struct{ dir string }

// newCgroup makes a cgroup with limits: in the configured directory, else
// where the machine lets us, which is for root only; nil where it does not.
func (c Config) newCgroup(l Limits) (*cgroup, error) {
	if c.Cgroup != "" {
		return limitedCgroup(c.Cgroup, l)
	}
	if os.Geteuid() != 0 {
		return nil, nil // the kernel's limit of processes by user does it
	}
	for _, parent := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/pids"} {
		if !hasTaskLimit(parent) {
			continue
		}
		if g, err := limitedCgroup(parent, Limits{Tasks: l.Tasks}); err == nil {
			return g, nil
		}
	}
	return nil, nil
}

// hasTaskLimit reports whether children of dir have the pids controller:
// because it is enabled for them, or because dir is that controller's own
// hierarchy of version 1.
func hasTaskLimit(dir string) bool {
	enabled, err := os.ReadFile(filepath.Join(dir, "cgroup.subtree_control"))
	if err != nil {
		_, err = os.Stat(filepath.Join(dir, "cgroup.procs"))
		return err == nil && filepath.Base(dir) == "pids"
	}
	return strings.Contains(" "+string(enabled)+" ", "pids")
}

func limitedCgroup(parent string, l Limits) (*cgroup, error) {
	dir, err := os.MkdirTemp(parent, "gozer-build-")
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
	if err != nil {
		return nil, errors.Join(fmt.Errorf("limit a cgroup: %w", err), g.remove())
	}
	return g, nil
}

func (g *cgroup) set(file string, value int64) error {
	return os.WriteFile(filepath.Join(g.dir, file), strconv.AppendInt(nil, value, 10), 0o644)
}

// join moves a process, which has no children yet, into the cgroup.
func (g *cgroup) join(pid int) error {
	if g == nil {
		return nil
	}
	if err := g.set("cgroup.procs", int64(pid)); err != nil {
		return fmt.Errorf("move a process into its cgroup: %w", err)
	}
	return nil
}

// remove removes the cgroup when its processes are gone.
func (g *cgroup) remove() error {
	if g == nil {
		return nil
	}
	return os.Remove(g.dir)
}
