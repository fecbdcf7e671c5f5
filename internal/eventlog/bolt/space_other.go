//go:build !linux

package bolt

// reserve is left to bbolt, which grows the file when it writes.
func (l *Log) reserve(_, _ int) error { return nil }
