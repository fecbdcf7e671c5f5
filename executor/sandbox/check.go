package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Finding is something that keeps the sandbox from working (Fatal) or from
// being as tight as it can be.
type Finding struct {
	Fatal   bool
	Problem string
	Mend    string
}

// Check tries the sandbox and says what is wrong with it.
func Check(ctx context.Context, c Config) []Finding {
	if c.Mode == None {
		return []Finding{{
			Problem: "builds run without a sandbox and can read and change all that the server's user can",
			Mend:    "remove the setting that turns the sandbox off",
		}}
	}
	if f := c.checkBwrap(ctx); f != nil {
		return []Finding{*f}
	}
	return append(c.advise(), c.checkCgroup()...)
}

// checkBwrap runs a program in the sandbox.
func (c Config) checkBwrap(ctx context.Context) *Finding {
	if _, err := exec.LookPath(c.bwrap()); err != nil {
		return &Finding{Fatal: true, Problem: "bubblewrap is not installed", Mend: "apt-get install bubblewrap"}
	}
	var out bytes.Buffer
	exit, err := c.Run(ctx, Spec{Argv: []string{"/bin/sh", "-c", "exit 0"}, Env: []string{"PATH=/usr/bin:/bin"}, Cwd: "/", Output: &out})
	if err == nil && exit.Code == 0 {
		return nil
	}
	f := Finding{Fatal: true, Problem: fmt.Sprintf("bubblewrap does not work: %v %s", err, strings.TrimSpace(out.String())),
		Mend: "bwrap --unshare-all --ro-bind / / true"}
	for file, mend := range map[string]string{
		"/proc/sys/kernel/unprivileged_userns_clone": "sysctl -w kernel.unprivileged_userns_clone=1",
		"/proc/sys/user/max_user_namespaces":         "sysctl -w user.max_user_namespaces=15000",
	} {
		if value, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(value)) == "0" {
			f.Problem, f.Mend = "the kernel forbids user namespaces, which bubblewrap needs", mend
		}
	}
	if value, err := os.ReadFile("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"); err == nil && strings.TrimSpace(string(value)) == "1" {
		f.Mend = "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
	}
	return &f
}

// advise tells what would make a working sandbox tighter.
func (c Config) advise() []Finding {
	var all []Finding
	if os.Geteuid() == 0 {
		all = append(all, Finding{
			Problem: "the server runs as root, so a flaw of the sandbox is a flaw of the machine",
			Mend:    "useradd --system gozer, and run the server as that user",
		})
	}
	if g, err := c.newCgroup(Limits{Tasks: 1}); os.Geteuid() == 0 && (err != nil || g == nil) {
		all = append(all, Finding{
			Problem: "the kernel does not limit the processes of a build for root, and there is no cgroup to do it: fork bombs are killed late",
			Mend:    "run the server as another user, or make /sys/fs/cgroup writable",
		})
	} else if err == nil {
		_ = g.remove() // empty
	}
	if abi := landlockABI(); abi < scopesABI {
		all = append(all, Finding{
			Problem: fmt.Sprintf("the kernel's Landlock has ABI %d, below %d: builds can reach abstract unix sockets of this machine", abi, scopesABI),
			Mend:    "run Linux 6.12 or newer",
		})
	}
	return all
}

// checkCgroup tries to make and limit a cgroup where one is configured.
func (c Config) checkCgroup() []Finding {
	if c.Cgroup == "" {
		return nil
	}
	g, err := c.newCgroup(Limits{Tasks: 1, MemoryBytes: 1 << 20})
	if err == nil {
		err = g.remove()
	}
	if err == nil {
		return nil
	}
	return []Finding{{
		Fatal:   true,
		Problem: fmt.Sprintf("cgroup %s can't hold builds: %v", c.Cgroup, err),
		Mend:    "run the service with systemd's Delegate=pids memory, and name a cgroup below its own",
	}}
}
