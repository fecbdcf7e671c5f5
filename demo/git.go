package demo

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// repo is a clone that a person works in.
type repo struct {
	dir string
	env []string
}

// git runs a command of the real git and returns what it printed.
func (r repo) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, out.String())
	}
	return out.String(), nil
}

// newRepo makes an empty clone for a user whose token git sends by itself.
func newRepo(ctx context.Context, dir, user, remote string) (repo, error) {
	r := repo{dir: dir, env: append(os.Environ(),
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME="+user, "GIT_AUTHOR_EMAIL="+user+"@example.com",
		"GIT_COMMITTER_NAME="+user, "GIT_COMMITTER_EMAIL="+user+"@example.com",
	)}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return r, err
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"remote", "add", "origin", remote}} {
		if _, err := r.git(ctx, args...); err != nil {
			return r, err
		}
	}
	return r, nil
}

// overlay puts the files below dir of the embedded content into the clone.
func (r repo) overlay(dir string) error {
	return fs.WalkDir(content, dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := content.ReadFile(path)
		if err != nil {
			return err
		}
		to := filepath.Join(r.dir, strings.TrimPrefix(path, dir+"/"))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if bytes.HasPrefix(data, []byte("#!")) { // embedding loses the mode
			mode = 0o755
		}
		return os.WriteFile(to, data, mode)
	})
}

// commit records everything in the clone.
func (r repo) commit(ctx context.Context, message string) error {
	if _, err := r.git(ctx, "add", "-A"); err != nil {
		return err
	}
	_, err := r.git(ctx, "commit", "-q", "-m", message)
	return err
}
