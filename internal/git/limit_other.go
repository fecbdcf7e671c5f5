//go:build !linux

package git

// limit does nothing where a running process can't be limited.
func limit(int, Limits) error { return nil }
