package executor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gozer-ci/gozer/executor/sandbox"
)

// workspace is the directory of one build. Only work and tmp are writable for
// jobs; the rest is the executor's.
type workspace struct {
	dir    string
	remaps bool // jobs see other paths
	binds  []sandbox.Bind
	trees  int // playbook trees and object directories shown so far
}

// Places in a workspace, and where jobs see them.
const (
	workSeen = "/workspace"
	srcDir   = "src"
	logsDir  = "logs"
)

const passwd = `root:x:0:0:root:/root:/usr/sbin/nologin
gozer:x:1000:1000:build:/workspace/home:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`

const group = "root:x:0:\ngozer:x:1000:\nnogroup:x:65534:\n"

// newWorkspace makes the empty workspace in dir, removing an older one.
func newWorkspace(dir string, remaps bool) (*workspace, error) {
	w := &workspace{dir: dir, remaps: remaps}
	if err := removeTree(dir); err != nil {
		return nil, fmt.Errorf("remove old workspace: %w", err)
	}
	for _, d := range []string{"work/" + srcDir, "work/" + logsDir, "work/home", "tmp", "etc", "playbooks"} {
		if err := os.MkdirAll(w.path(d), 0o755); err != nil {
			return nil, fmt.Errorf("make workspace: %w", err)
		}
	}
	err := errors.Join(
		os.WriteFile(w.path("etc/passwd"), []byte(passwd), 0o644),
		os.WriteFile(w.path("etc/group"), []byte(group), 0o644),
	)
	if err != nil {
		return nil, fmt.Errorf("make workspace: %w", err)
	}
	w.binds = []sandbox.Bind{
		{Source: w.path("work"), Target: workSeen, Writable: true},
		{Source: w.path("tmp"), Target: "/tmp", Writable: true},
		{Source: w.path("etc/passwd"), Target: "/etc/passwd"},
		{Source: w.path("etc/group"), Target: "/etc/group"},
	}
	return w, nil
}

func (w *workspace) path(elem ...string) string {
	return filepath.Join(append([]string{w.dir}, elem...)...)
}

func (w *workspace) work(elem ...string) string { return w.path(append([]string{"work"}, elem...)...) }

// writable are the directories that count for the disk quota.
func (w *workspace) writable() []string {
	return []string{w.path("work"), w.path("tmp"), w.path("playbooks")}
}

// seen is a path below work as jobs see it.
func (w *workspace) seen(elem ...string) string {
	if !w.remaps {
		return w.work(elem...)
	}
	return filepath.Join(append([]string{workSeen}, elem...)...)
}

// seenTmp is the directory for temporary files as jobs see it.
func (w *workspace) seenTmp() string {
	if !w.remaps {
		return w.path("tmp")
	}
	return "/tmp"
}

// show makes a directory of the host readable for jobs and returns its path
// there.
func (w *workspace) show(dir, kind string) string {
	if !w.remaps {
		return dir
	}
	w.trees++
	target := filepath.Join("/run/gozer", kind, strconv.Itoa(w.trees))
	w.binds = append(w.binds, sandbox.Bind{Source: dir, Target: target})
	return target
}

// remove deletes the workspace, when no process of the build is left.
func (w *workspace) remove() error { return removeTree(w.dir) }

// removeTree removes dir even where jobs made directories read-only.
func removeTree(dir string) error {
	if err := os.RemoveAll(dir); err == nil {
		return nil
	}
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	unlock(root, ".")
	return errors.Join(root.Close(), os.RemoveAll(dir))
}

// unlock makes name and all directories below writable. What it can't change
// shows when the tree is removed.
func unlock(root *os.Root, name string) {
	_ = root.Chmod(name, 0o700)
	f, err := root.Open(name)
	if err != nil {
		return
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(512)
		for _, e := range entries {
			if e.IsDir() {
				unlock(root, filepath.Join(name, e.Name()))
			}
		}
		if err != nil {
			return
		}
	}
}
