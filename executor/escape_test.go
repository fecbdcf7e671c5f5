package executor_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/scheduler"
)

// TestEscapes tries to read, write, signal and reach what a job must not.
// Each attempt is a shell command that must fail.
func TestEscapes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	path, abstract := listen(t, filepath.Join(t.TempDir(), "s")), listen(t, "@gozer-test-"+mark())
	host := os.Getpid()
	attempts := map[string]string{
		"a file of the host":                "cat " + secret,
		"the data directory":                "ls " + b.cfg.Dir,
		"other builds":                      "ls " + filepath.Join(b.cfg.Dir, "builds"),
		"own workspace from outside":        "ls /workspace/../builds",
		"home of root":                      "ls /root",
		"homes":                             "ls /home",
		"password hashes":                   "cat /etc/shadow",
		"private keys":                      "ls /etc/ssl/private /etc/ssh",
		"variable data":                     "ls /var/lib /var/log /var/run/docker.sock",
		"environment of the server process": fmt.Sprintf("cat /proc/%d/environ", host),
		"files of the server process":       fmt.Sprintf("ls /proc/%d/root/", host),
		"the host through init":             "test -e /proc/1/root" + secret,
		"signal the server":                 fmt.Sprintf("kill -0 %d", host),
		"write to /usr":                     "touch /usr/x",
		"write to /usr/local/bin":           "touch /usr/local/bin/x",
		"write to /etc":                     "touch /etc/x",
		"write to /etc/passwd":              ": >> /etc/passwd",
		"write to /":                        "touch /x",
		"write to /dev":                     "touch /dev/x",
		"write to /run":                     "touch /run/x",
		"fill shared memory":                "head -c 100M /dev/zero > /dev/shm/x",
		"kernel settings":                   ": >> /proc/sys/kernel/core_pattern",
		"kernel settings by another name":   ": >> /proc/1/root/proc/sys/kernel/core_pattern",
		"sysrq":                             ": >> /proc/sysrq-trigger",
		"mount":                             "mount -t tmpfs none /tmp",
		"remount":                           "mount -o remount,rw /usr",
		"user namespace":                    "unshare --user true",
		"mount namespace":                   "unshare --mount true",
		"enter namespaces of init":          "nsenter --target 1 --mount --user true",
		"change root":                       "chroot / true",
		"device node":                       "mknod /tmp/disk b 8 0",
		"disks":                             "ls /dev/vda /dev/sda /dev/nvme0n1 /dev/mem /dev/kmsg /dev/loop0 2>/dev/null | grep .",
		"kernel log":                        "dmesg",
		"terminal":                          ": < /dev/tty",
		"become root":                       "setpriv --reuid 0 true",
		"capabilities":                      "grep -E 'Cap(Prm|Eff|Inh|Amb):' /proc/self/status | grep -v 0000000000000000",
		"new privileges":                    "grep 'NoNewPrivs:.0' /proc/self/status",
		"raw network":                       "python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)'",
		"socket of the host by path":        connect(path),
		"abstract socket of the host":       connect("\\0" + strings.TrimPrefix(abstract, "@")),
		"descriptors of the server":         "ls /proc/self/fd | grep -v '^[0123]$' | grep -v '^10$'",
		"raise the limit of processes":      "python3 -c 'import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (9999, 9999))'",
		"debug init":                        "cat /proc/1/mem",
		"cgroups":                           "ls /sys/fs",
		"environment of the server":         "env | cut -d= -f1 | grep -vE '^(ZUUL_.*|GOZER_PHASE|GOZER_RETURN|CI|HOME|LANG|LOGNAME|PATH|PWD|OLDPWD|SHELL|SHLVL|TERM|TMPDIR|USER|_)$'",
	}
	var script strings.Builder
	script.WriteString("#!/bin/bash\n")
	for name, attempt := range attempts {
		fmt.Fprintf(&script, "if ( %s ) > /tmp/out 2>&1; then echo 'ESCAPE: %s'; cat /tmp/out; fi\n", attempt, name)
	}
	script.WriteString("echo did $ZUUL_CHANGE attempts\n")
	r := b.job(map[string]string{"run": script.String()})
	got := b.run(r)
	console := b.console(r.Start.Build)
	if got.Result != scheduler.ResultSuccess || !strings.Contains(console, "| did 1 attempts\n") {
		t.Errorf("got %+v:\n%s", got, console)
	}
	allowed := ""
	for _, f := range executor.Doctor(context.Background(), b.cfg.Sandbox, b.cfg.Dir) {
		if strings.Contains(f.Problem, "abstract unix sockets") {
			allowed = "ESCAPE: abstract socket of the host" // an old kernel: the doctor told
		}
	}
	for line := range strings.Lines(console) {
		if strings.Contains(line, "ESCAPE: ") && (allowed == "" || !strings.Contains(line, allowed)) {
			t.Errorf("%s\n%s", line, console)
		}
	}
}

// TestToolchains shows that what jobs may use is there.
func TestToolchains(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.job(map[string]string{"run": `#!/bin/bash
set -ex
id -un | grep gozer
test -w . -a -w /tmp -a -w ~ -a -w /var/tmp -a -w $ZUUL_LOG_ROOT -a -w /dev/null -a -w /dev/shm
go version; python3 -c 'import ssl, json, tempfile; tempfile.mkstemp(); print(len(ssl.create_default_context().get_ca_certs()))'
git --version; getent hosts localhost; date; perl -e 'print "perl\n"'
mkfifo /tmp/fifo; python3 -c 'import multiprocessing as m; m.Lock()'
cat /proc/self/oom_score_adj | grep 500
`})
	if got := b.run(r); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v:\n%s", got, b.console(r.Start.Build))
	}
}

// listen makes a unix socket on the host.
func listen(t *testing.T, address string) string {
	t.Helper()
	l, err := net.Listen("unix", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return address
}

func connect(address string) string {
	return fmt.Sprintf(`python3 -c "import socket; socket.socket(socket.AF_UNIX).connect('%s')"`, address)
}
