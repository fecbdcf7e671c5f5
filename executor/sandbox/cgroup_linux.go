package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// cgroup holds the processes of one program. A nil cgroup does nothing.
type cgroup struct{ dir string }

// cgroupPrefix begins the names of our cgroups; the server's process id follows.
const cgroupPrefix = "gozer-build-"

// cgroupParents are where root's servers make cgroups.
var cgroupParents = []string{"/sys/fs/cgroup", "/sys/fs/cgroup/pids"}

// Clean removes the empty cgroups of servers that were killed.
func (c Config) Clean() {
	for _, parent := range append([]string{c.Cgroup}, cgroupParents...) {
		if parent == "" {
			continue
		}
		left, _ := filepath.Glob(filepath.Join(parent, cgroupPrefix+"*")) // the pattern is good
		for _, dir := range left {
			pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), cgroupPrefix), "-")
			if _, err := os.Stat("/proc/" + pid); os.IsNotExist(err) {
				_ = os.Remove(dir) // refused while there are processes
			}
		}
	}
}

// newCgroup makes a cgroup with limits: in the configured directory, else
// where the machine lets us, which is for root only; nil where it does not.
func (c Config) newCgroup(l Limits) (*cgroup, error) {
	if c.Cgroup != "" {
		return limitedCgroup(c.Cgroup, l)
	}
	if os.Geteuid() != 0 {
		return nil, nil // the kernel's limit of processes by user does it
	}
	for _, parent := range cgroupParents {
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
	return slices.Contains(strings.Fields(string(enabled)), "pids")
}

func limitedCgroup(parent string, l Limits) (*cgroup, error) {
	dir, err := os.MkdirTemp(parent, fmt.Sprintf("%s%d-", cgroupPrefix, os.Getpid()))
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

// tasks tells whether the kernel refused a task for the limit, and how many
// there are; ok is false where no cgroup counts them.
func (g *cgroup) tasks() (refused bool, current int, ok bool) {
	if g == nil {
		return false, 0, false
	}
	data, err := os.ReadFile(filepath.Join(g.dir, "pids.current"))
	if err != nil {
		return false, 0, false
	}
	if current, err = strconv.Atoi(strings.TrimSpace(string(data))); err != nil {
		return false, 0, false
	}
	events, err := os.ReadFile(filepath.Join(g.dir, "pids.events"))
	if err != nil {
		return false, current, true // older kernels count only
	}
	count, _ := strings.CutPrefix(strings.TrimSpace(string(events)), "max ")
	return count != "0" && count != "", current, true
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
