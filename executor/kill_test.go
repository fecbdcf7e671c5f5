package executor_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/executor/sandbox"
)

// victim is the environment variable that makes the test program a server
// that is about to be killed; its value marks the processes of its job.
const victim = "GOZER_TEST_VICTIM"

func TestMain(m *testing.M) {
	mark := os.Getenv(victim)
	if mark == "" {
		os.Exit(m.Run())
	}
	_, err := sandbox.Config{}.Run(context.Background(), sandbox.Spec{
		Argv: []string{"/bin/sh", "-c", hang(mark)}, Env: []string{"PATH=/usr/bin:/bin"}, Cwd: "/", Output: os.Stdout,
	})
	_, _ = io.WriteString(os.Stdout, "not killed\n") // the test reads it
	if err != nil {
		os.Exit(1)
	}
}

// TestKilledServerTakesItsJobsAlong kills a server without a chance to clean
// up.
func TestKilledServerTakesItsJobsAlong(t *testing.T) {
	t.Parallel()
	m := mark()
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), victim+"="+m)
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "ready" {
		t.Errorf("got %q, %v", line, err)
	}
	if err := server.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = server.Wait() // killed
	begin := time.Now()
	for len(processesOf(m)) > 0 {
		if time.Since(begin) > patience {
			t.Fatalf("processes left: %v", processesOf(m))
		}
		runtime.Gosched()
	}
}
