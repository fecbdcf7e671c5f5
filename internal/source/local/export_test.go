package local

import (
	"context"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/source"
)

// BeginReport does what Report does until a crash: it writes the intent down
// and, if moved, makes the moves of the first projects.
func (s *Source) BeginReport(ctx context.Context, r source.Report, projects int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	moves, err := s.landing(ctx, r)
	if err != nil {
		return err
	}
	in := &intent{ID: intentID(r.ID), Moves: moves, Report: &r}
	if err := s.db.Update(func(tx *bbolt.Tx) error { return put(tx, bucketIntents, []byte(in.ID), in) }); err != nil {
		return err
	}
	for _, project := range projectsOf(moves)[:projects] {
		if err := s.moveProject(ctx, project, movesOf(moves, project)); err != nil {
			return err
		}
	}
	return nil
}
