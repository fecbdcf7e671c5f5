package sandbox

import (
	"fmt"
	"math"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// landlockScope is struct landlock_ruleset_attr of the kernel.
type landlockScope struct {
	accessFS, accessNet, scoped uint64
}

const (
	scopeAbstractUnixSocket = 1
	landlockCreateVersion   = 1
	// scopesABI is the first Landlock ABI with scopes.
	scopesABI = 6
)

// landlockABI returns the kernel's Landlock version, 0 without Landlock.
func landlockABI() int {
	v, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, landlockCreateVersion)
	if errno != 0 {
		return 0
	}
	return int(v)
}

// confineThread gives the calling thread, and so what it starts, a session
// keyring of its own and no abstract unix sockets of the host. The thread
// must be locked and must never be used for anything else again.
func confineThread() error {
	// Without a name it is new and anonymous. Kernels without keys and
	// containers that forbid them have none to hide.
	_, _, errno := unix.Syscall(unix.SYS_KEYCTL, unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0)
	if errno != 0 && errno != unix.ENOSYS && errno != unix.EPERM {
		return fmt.Errorf("join a session keyring: %w", errno)
	}
	if landlockABI() < scopesABI {
		return nil // Doctor tells
	}
	attr := landlockScope{scoped: scopeAbstractUnixSocket}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if errno != 0 {
		return fmt.Errorf("create a landlock ruleset: %w", errno)
	}
	defer unix.Close(int(fd))
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("set no_new_privs: %w", err)
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return fmt.Errorf("restrict with landlock: %w", errno)
	}
	return nil
}

// setuid reports whether a program gets another user when it starts; such a
// bubblewrap must not be started with no_new_privs.
func setuid(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeSetuid != 0
}

// closeOnExec keeps descriptors that the server itself inherited, or that a
// library opened carelessly, away from programs.
func closeOnExec() error {
	err := unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC)
	if err == nil || err == unix.ENOSYS || err == unix.EINVAL { // before Linux 5.11
		return nil
	}
	return fmt.Errorf("mark descriptors close-on-exec: %w", err)
}
