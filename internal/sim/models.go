package sim

import (
	"context"
	"fmt"
	"os"

	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

// models is the file of read models. It outlives the processes; what a
// transaction of it did is known to who began it, or not.
type models struct {
	s     *Sim
	path  string
	store *store.Store
}

func (m *models) open() {
	var err error
	if m.store, err = store.Open(m.path, store.Options{Logger: quiet(), NoSync: true}); err != nil {
		m.s.fail("read models", "open: %v", err)
	}
}

func (m *models) close() {
	if m.store != nil {
		_ = m.store.Close() // the file is deleted
		m.store = nil
	}
}

// reopen is what a dead process does to the file: the next one opens it, or
// finds none where somebody deleted it.
func (m *models) reopen() {
	m.close()
	if m.s.rng.IntN(4) == 0 {
		_ = os.Remove(m.path)
		m.s.covered["read models made anew"]++
	}
	m.open()
}

// Apply implements replica.Models.
func (m *models) Apply(ctx context.Context, commits []store.Commit) error {
	if m.s.strikes("read models refuse") {
		return fmt.Errorf("apply: %w", errDisk)
	}
	if err := m.store.Apply(ctx, commits); err != nil {
		return err
	}
	if m.s.strikes("read models lose the word") {
		return fmt.Errorf("apply: %w", errDisk)
	}
	return nil
}

// Applied implements replica.Models.
func (m *models) Applied(t scheduler.TenantName) (store.Position, error) { return m.store.Applied(t) }

// Reset implements replica.Models.
func (m *models) Reset(t scheduler.TenantName) error { return m.store.Reset(t) }
