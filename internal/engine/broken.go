package engine

import (
	"fmt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// BrokenError says that the core broke an invariant while it decided: the
// tenant is quarantined. Its log is unharmed, since nothing of the decision was
// written. Deciding the commands with the same Meta on the state at Head, after
// a Wake, breaks in the same way.
type BrokenError struct {
	Tenant scheduler.TenantName
	// Cause is what the panic said, Stack where.
	Cause string
	Stack []byte
	// Head is the last commit, and Decided the last input that is in it.
	Head    eventlog.Head
	Decided eventlog.InputMark
	// Meta and Commands are what was being decided; Input is the last input
	// among the commands, 0 when they were answers alone.
	Meta     scheduler.Meta
	Commands []scheduler.Command
	Input    uint64
	// State describes the state as the panic left it.
	State string
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("tenant %s is quarantined, the core broke an invariant: %s\n%s", e.Tenant, e.Cause, e.Stack)
}

// describe renders a broken state as far as that can be done.
func describe(s *scheduler.State) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprintf("the state can't be described: %v", p)
		}
	}()
	return scheduler.Describe(s)
}
