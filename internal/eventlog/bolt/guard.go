package bolt

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"

	"github.com/gozer-ci/gozer/internal/eventlog"
)

// guard turns a panic of bbolt, and a memory fault in its map of a damaged or
// truncated file, into an error.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &eventlog.DamageError{Reason: fmt.Sprintf("the file can't be read: %v", p)}
		}
	}()
	return fn()
}

func isDamage(err error) bool { return errors.Is(err, eventlog.ErrDamaged) }

// located adds to a damage what the operator can do about it.
func (l *Log) located(err error) error { return locate(l.path, err) }

func locate(path string, err error) error {
	var damage *eventlog.DamageError
	if errors.As(err, &damage) && damage.Hint == "" {
		dir := filepath.Dir(path)
		damage.Hint = fmt.Sprintf("stop the server, copy %s and %s back from the last good backup into %s, then check them with: gozer admin verify-log --data %s",
			filepath.Base(path), filepath.Base(markPath(path)), dir, filepath.Dir(dir))
	}
	return err
}
