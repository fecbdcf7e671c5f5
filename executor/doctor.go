package executor

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/gozer-ci/gozer/executor/sandbox"
)

// Finding is something about the machine that Doctor wants changed.
type Finding struct {
	// Fatal findings keep builds from running; others are advice.
	Fatal bool
	// Problem is a sentence, Mend a command or setting that helps.
	Problem string
	Mend    string
}

// Disk space below which builds are in danger.
const (
	fewBytes  = 1 << 30
	fewInodes = 50_000
)

// Doctor checks whether builds can run on this machine with a sandbox
// configuration and workspaces in dir. No finding means that they can.
func Doctor(ctx context.Context, cfg sandbox.Config, dir string) []Finding {
	var all []Finding
	for _, f := range sandbox.Check(ctx, cfg) {
		all = append(all, Finding(f))
	}
	return append(append(all, checkGit(ctx)...), checkSpace(dir)...)
}

// checkGit wants the git that the merger and the workspaces need.
func checkGit(ctx context.Context) []Finding {
	const mend = "apt-get install git"
	if _, err := exec.LookPath("git"); err != nil {
		return []Finding{{Fatal: true, Problem: "git is not installed", Mend: mend}}
	}
	out, err := git(ctx, nil, "version")
	if err != nil {
		return []Finding{{Fatal: true, Problem: fmt.Sprintf("git does not run: %v", err), Mend: mend}}
	}
	var major, minor int
	version := strings.TrimPrefix(strings.TrimSpace(string(out)), "git version ")
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil || major < 2 || major == 2 && minor < 38 {
		return []Finding{{Fatal: true, Problem: fmt.Sprintf("git %s is too old, 2.38 is needed", version), Mend: mend}}
	}
	return nil
}

// checkSpace wants room for workspaces.
func checkSpace(dir string) []Finding {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return []Finding{{Fatal: true, Problem: fmt.Sprintf("workspaces can't be made: %v", err), Mend: "chown $USER " + dir}}
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return []Finding{{Problem: fmt.Sprintf("disk space of %s is unknown: %v", dir, err), Mend: "df -h " + dir}}
	}
	if free := int64(fs.Bavail) * fs.Bsize; free < fewBytes {
		return []Finding{{Problem: fmt.Sprintf("only %d MiB are free in %s", free>>20, dir), Mend: "df -h " + dir}}
	}
	if fs.Files > 0 && fs.Ffree < fewInodes {
		return []Finding{{Problem: fmt.Sprintf("only %d inodes are free in %s", fs.Ffree, dir), Mend: "df -i " + dir}}
	}
	return nil
}
