package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// verifyLog holds the log at rest to the state and the read models.
func (s *server) verifyLog() {
	s.t.Helper()
	out, err := s.gozer("admin", "verify-log")
	if err != nil {
		s.t.Errorf("gozer admin verify-log: %v\n%s", err, out)
	}
}

// leftovers looks for processes and workspaces that outlived the server.
func (s *server) leftovers() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	if left := s.survivors(ctx); len(left) > 0 {
		s.t.Errorf("processes are left:\n%s", strings.Join(left, "\n"))
	}
	if builds, err := os.ReadDir(s.path("data", "builds")); err != nil || len(builds) > 0 {
		s.t.Errorf("workspaces are left: %v %v", builds, err)
	}
}

// survivors lists processes of the server that are still there when ctx ends:
// the kernel takes a moment to end what dies with the server.
func (s *server) survivors(ctx context.Context) (left []string) {
	_ = until(ctx, func() (bool, error) { // left says what did not end
		left = processesAt(s.dir)
		return len(left) == 0, nil
	})
	return left
}

// processesAt lists processes that a directory shows in: in the command line,
// the environment, the working directory or what is mounted.
func processesAt(dir string) []string {
	var out []string
	entries, _ := os.ReadDir("/proc") // always there
	for _, e := range entries {
		proc := filepath.Join("/proc", e.Name())
		cmdline, err := os.ReadFile(filepath.Join(proc, "cmdline"))
		if err != nil || len(cmdline) == 0 || e.Name() == fmt.Sprint(os.Getpid()) {
			continue
		}
		cwd, _ := os.Readlink(filepath.Join(proc, "cwd")) // gone with the process
		for _, file := range []string{"environ", "mountinfo"} {
			data, _ := os.ReadFile(filepath.Join(proc, file)) // as above
			cmdline = append(append(cmdline, ' '), data...)
		}
		if strings.Contains(cwd, dir) || bytes.Contains(cmdline, []byte(dir)) {
			out = append(out, e.Name()+": "+string(bytes.ReplaceAll(cmdline[:min(300, len(cmdline))], []byte{0}, []byte{' '})))
		}
	}
	return out
}

// complaints looks for errors in the server's log that nobody expects.
func (s *server) complaints() {
	s.t.Helper()
	data, err := os.ReadFile(s.path("server.log"))
	if err != nil {
		s.t.Error(err)
	}
	tolerated := regexp.MustCompile(strings.Join(append(s.tolerated, "\x00"), "|"))
	for line := range strings.SplitSeq(string(data), "\n") {
		bad := strings.Contains(line, "level=ERROR") || strings.HasPrefix(line, "panic:") || strings.Contains(line, "DATA RACE")
		if bad && !tolerated.MatchString(line) {
			s.t.Errorf("the server complained: %s", line)
		}
	}
}

// memory is the server's resident set in MiB, now.
func (s *server) memory() int { return s.status("VmRSS:") }

// peak is the most that the resident set ever had, in MiB.
func (s *server) peak() int { return s.status("VmHWM:") }

func (s *server) status(key string) int {
	s.t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	var kib int
	_, rest, _ := strings.Cut(string(data), key)
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		s.t.Fatal(err)
	}
	return kib >> 10
}
