package doctor

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/internal/config"
)

// patience bounds each program that is tried.
const patience = 10 * time.Second

// gitMinor is the oldest usable minor version of git 2: it introduced
// merge-tree --write-tree.
const gitMinor = 38

func git(ctx context.Context, _ config.Config) Finding {
	const name, mend = "git", "apt-get install git"
	text, err := try(ctx, "git", "version")
	if err != nil {
		return failure(name, "git does not run: "+err.Error(), mend)
	}
	var major, minor int
	if _, err := fmt.Sscanf(text, "git version %d.%d", &major, &minor); err != nil {
		return warning(name, "the version is not understood: "+text, "git version")
	}
	if major < 2 || major == 2 && minor < gitMinor {
		return failure(name, fmt.Sprintf("%s is too old, 2.%d is needed", text, gitMinor), mend)
	}
	return ok(name, text)
}

func bubblewrap(ctx context.Context, cfg config.Config) Finding {
	const name = "sandbox"
	if cfg.Executor.Sandbox == "none" {
		return warning(name, "executor.sandbox is none: jobs run with the server's rights and can read its secrets",
			"apt-get install bubblewrap, and remove executor.sandbox from gozer.yaml")
	}
	if _, err := exec.LookPath("bwrap"); err != nil {
		return failure(name, "bubblewrap is not installed, so no job can run", "apt-get install bubblewrap")
	}
	args := []string{"--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"}
	if _, err := try(ctx, "bwrap", args...); err != nil {
		return failure(name, "bubblewrap cannot make a sandbox: "+err.Error(), userNamespaces())
	}
	version, err := try(ctx, "bwrap", "--version")
	if err != nil {
		version = "bubblewrap"
	}
	return ok(name, version+" makes sandboxes")
}

// userNamespaces guesses why a sandbox cannot be made.
func userNamespaces() string {
	for file, want := range map[string]string{
		"/proc/sys/kernel/unprivileged_userns_clone":             "1",
		"/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "0",
	} {
		data, err := os.ReadFile(file)
		if got := strings.TrimSpace(string(data)); err == nil && got != want {
			key := strings.ReplaceAll(strings.TrimPrefix(file, "/proc/sys/"), "/", ".")
			return "sysctl -w " + key + "=" + want
		}
	}
	return "allow user namespaces for the server: in a container, run it with --security-opt seccomp=unconfined"
}

// try runs a program and returns the first line that it prints.
func try(ctx context.Context, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil && line != "" {
		err = fmt.Errorf("%w: %s", err, line)
	}
	return line, err
}
