package sandbox_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/gozer-ci/gozer/executor/sandbox"
)

func TestReapKillsTheSandboxesOfADirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run := func(name, shown string) *exec.Cmd {
		cmd := exec.Command("/bin/sh")
		cmd.Args = []string{name, "-c", "echo ready; read line", shown}
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = in.Close() }) // ends it
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err == nil {
			_, err = out.Read(make([]byte, 6))
		}
		if err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	orphan := run("/usr/bin/bwrap", filepath.Join(dir, "builds", "b1"))
	others := []*exec.Cmd{
		run("/usr/bin/bwrap", filepath.Join(dir, "builds-of-others", "b1")),
		run("/usr/bin/git", filepath.Join(dir, "builds", "b1")),
	}
	sandbox.Config{}.Reap(filepath.Join(dir, "builds"))
	exit, ok := errors.AsType[*exec.ExitError](orphan.Wait())
	if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("the orphan ended with %v", exit)
	}
	for _, cmd := range others {
		if err := cmd.Process.Signal(syscall.Signal(0)); err != nil {
			t.Errorf("%v: %v", cmd.Args, err)
		}
		_ = cmd.Process.Kill() // it is ours
		_ = cmd.Wait()
	}
}
