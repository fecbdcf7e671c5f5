package check

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/tenants"
)

// gitRepository is a git repository in a directory, with or without work tree.
// Branches that only the remote "origin" has count too, so that a fresh clone
// is complete.
type gitRepository string

const (
	localRefs  = "refs/heads/"
	remoteRefs = "refs/remotes/origin/"
)

func (r gitRepository) Branches(ctx context.Context) ([]branch, error) {
	out, err := r.git(ctx, "for-each-ref", "--format=%(refname)", localRefs, remoteRefs)
	if err != nil {
		return nil, err
	}
	def := r.defaultBranch(ctx)
	seen, branches := map[string]bool{}, []branch(nil)
	for _, ref := range strings.Fields(string(out)) {
		name := strings.TrimPrefix(strings.TrimPrefix(ref, localRefs), remoteRefs)
		if name == "HEAD" || seen[name] {
			continue
		}
		seen[name] = true
		branches = append(branches, branch{Name: name, Default: name == def})
	}
	return branches, nil
}

// defaultBranch is that of the remote a clone came from, or what HEAD names; a
// detached HEAD has none.
func (r gitRepository) defaultBranch(ctx context.Context) string {
	for _, of := range []struct{ ref, prefix string }{{remoteRefs + "HEAD", remoteRefs}, {"HEAD", localRefs}} {
		if head, err := r.git(ctx, "symbolic-ref", "--quiet", of.ref); err == nil {
			return strings.TrimPrefix(strings.TrimSpace(string(head)), of.prefix)
		}
	}
	return ""
}

func (r gitRepository) Files(ctx context.Context, name string, match func(string) bool) ([]tenants.File, error) {
	ref := localRefs + name
	if _, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref); err != nil {
		ref = remoteRefs + name
	}
	out, err := r.git(ctx, "ls-tree", "-r", "-z", "-l", "--end-of-options", ref)
	if err != nil {
		return nil, err
	}
	var files []tenants.File
	for entry := range strings.SplitSeq(string(out), "\x00") {
		about, path, ok := strings.Cut(entry, "\t")
		fields := strings.Fields(about)
		if !ok || len(fields) < 4 || fields[1] != "blob" || fields[0] == "120000" || !match(path) {
			continue
		}
		data, err := r.blob(ctx, fields[2], fields[3])
		if err != nil {
			return nil, err
		}
		files = append(files, tenants.File{Path: path, Data: data})
	}
	return files, nil
}

// blob reads a file. One that is too large is not worth reading: its size
// alone is refused.
func (r gitRepository) blob(ctx context.Context, id, size string) ([]byte, error) {
	if n, err := strconv.Atoi(size); err != nil || n > tenants.MaxFileBytes {
		return make([]byte, tenants.MaxFileBytes+1), nil
	}
	return r.git(ctx, "cat-file", "blob", id)
}

// git runs a reading command that no configuration of the machine or the
// repository makes run programs.
func (r gitRepository) git(ctx context.Context, args ...string) ([]byte, error) {
	args = append([]string{"-C", string(r), "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0"}, args...)
	cmd := exec.CommandContext(ctx, "git", args...)
	outside := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_") })
	cmd.Env = append(outside, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("git in %s: %w: %s", string(r), err, strings.TrimSpace(complaint.String()))
	}
	return out.Bytes(), nil
}
