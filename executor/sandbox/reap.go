package sandbox

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Reap kills the sandboxes of a killed server that show something below dir.
// Bubblewrap dies with the server, but when that happens just after it has
// started the first process inside, which waits to be let go, nobody is left
// to tell that process, and it waits for ever. The caller must be the only
// one that makes sandboxes with dir.
func (c Config) Reap(dir string) {
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is good
	for _, file := range all {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		argv := bytes.Split(data, []byte{0})
		shows := func(arg []byte) bool { return strings.HasPrefix(string(arg), dir+string(filepath.Separator)) }
		if filepath.Base(string(argv[0])) != filepath.Base(c.bwrap()) || !slices.ContainsFunc(argv, shows) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended since
		}
	}
}
