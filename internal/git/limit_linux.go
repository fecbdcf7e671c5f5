package git

import "golang.org/x/sys/unix"

// limit bounds a process that has just started.
func limit(pid int, l Limits) error {
	for resource, bytes := range map[int]uint64{unix.RLIMIT_AS: l.MemoryBytes, unix.RLIMIT_FSIZE: l.FileBytes} {
		if bytes == 0 {
			continue
		}
		err := unix.Prlimit(pid, resource, &unix.Rlimit{Cur: bytes, Max: bytes}, nil)
		if err != nil && err != unix.ESRCH { // it has already ended
			return err
		}
	}
	return nil
}
