package sandbox

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// initProcess is the first process of a sandbox. All others there die with
// it, and it is not gone before they are.
type initProcess struct{ fd, pid int }

// openInit returns the process, or nil when it is gone.
func openInit(pid int) *initProcess {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nil
	}
	return &initProcess{fd: fd, pid: pid}
}

func (p *initProcess) kill() {
	// Among thousands of busy processes it would wait long for its turn to
	// die. Only root may do this; other users have fewer processes.
	_ = unix.Setpriority(unix.PRIO_PROCESS, p.pid, -20)
	// It fails when the process is gone, which is what is wanted.
	_ = unix.PidfdSendSignal(p.fd, unix.SIGKILL, nil, 0)
}

// wait waits for the end.
func (p *initProcess) wait() {
	fds := []unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}
	for {
		if _, err := unix.Poll(fds, -1); err != unix.EINTR {
			return
		}
	}
}

func (p *initProcess) close() { _ = unix.Close(p.fd) }

// awaitExit waits until a child ended, and leaves it to be reaped: until then
// its process id is nobody else's.
func awaitExit(pid int) {
	for {
		if err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil); err != unix.EINTR {
			return
		}
	}
}

// slack is how far the kernel's limit on tasks stands above ours: the program
// is killed before it can spin at the kernel's.
const slack = 64

// niceness is the priority of builds.
const niceness = 5

// limit sets the limits of a process that has not started the program yet.
// They are best effort: the watchers enforce what matters.
func limit(pid int, l Limits) {
	set := func(resource int, value uint64) {
		if value != 0 {
			_ = unix.Prlimit(pid, resource, &unix.Rlimit{Cur: value, Max: value}, nil)
		}
	}
	set(unix.RLIMIT_FSIZE, l.FileBytes)
	set(unix.RLIMIT_NOFILE, l.OpenFiles)
	if l.Tasks > 0 {
		set(unix.RLIMIT_NPROC, uint64(l.Tasks+slack))
	}
	// Builds leave the processor to the server that must watch them.
	_ = unix.Setpriority(unix.PRIO_PROCESS, pid, niceness)
	// When memory runs out, builds go before the server.
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte("500"), 0)
}
