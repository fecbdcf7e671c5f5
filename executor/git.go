package executor

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// gitEnv keeps the configuration of the machine and of its users out. Nothing
// that git does here needs a protocol, a hook or an editor.
var gitEnv = []string{
	"PATH=" + defaultPath, "HOME=/nonexistent", "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
	"GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_ADVICE=0",
}

var gitOptions = []string{
	"-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never", "-c", "gc.auto=0",
	"-c", "safe.directory=*", "-c", "advice.detachedHead=false", "-c", "core.protectHFS=true", "-c", "core.protectNTFS=true",
}

// git runs git and returns its output. It never runs in a directory that a
// job has written to.
func git(ctx context.Context, env []string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append(append([]string{}, gitOptions...), args...)...)
	cmd.Env = append(append([]string{}, gitEnv...), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("git %s: %w: %.1000s", verb(args), err, strings.TrimSpace(errs.String()))
	}
	return out.Bytes(), nil
}

// verb is the first argument that is not an option.
func verb(args []string) string {
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			return a
		}
	}
	return ""
}

// refs are the branches and tags of a repository.
type refs struct {
	// byName maps full names to commits (or tag objects).
	byName map[string]string
	// defaultBranch is what HEAD names, without refs/heads/.
	defaultBranch string
}

func (r refs) branch(name string) string { return r.byName["refs/heads/"+name] }
func (r refs) tag(name string) string    { return r.byName["refs/tags/"+name] }

// readRefs reads the refs of the bare repository in dir.
func readRefs(ctx context.Context, dir string) (refs, error) {
	out, err := git(ctx, nil, "--git-dir="+dir, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags")
	if err != nil {
		return refs{}, err
	}
	r := refs{byName: map[string]string{}}
	for line := range strings.Lines(string(out)) {
		if hash, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok {
			r.byName[name] = hash
		}
	}
	head, err := os.ReadFile(dir + "/HEAD")
	if err != nil {
		return refs{}, fmt.Errorf("read HEAD: %w", err)
	}
	r.defaultBranch, _ = strings.CutPrefix(strings.TrimSpace(string(head)), "ref: refs/heads/")
	return r, nil
}

// validHash reports whether s is a full object name.
func validHash(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

// validRef reports whether s may be part of a ref. It is stricter than git
// where that costs nothing.
func validRef(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c == 0x7f || strings.IndexByte("~^:?*[\\", c) >= 0 {
			return false
		}
	}
	return s != "" && s[0] != '-' && s[0] != '/' && !strings.HasSuffix(s, "/") && !strings.HasSuffix(s, ".lock") &&
		!strings.Contains(s, "..") && !strings.Contains(s, "//") && !strings.Contains(s, "@{") && !strings.Contains(s, "/.")
}
