package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.etcd.io/bbolt"
)

// recover finishes what the last process left: it clears away what interrupted
// git processes left behind, carries out intents, and forgets old reports.
func (s *Source) recover(ctx context.Context) error {
	projects, err := s.Projects()
	if err != nil {
		return err
	}
	for _, p := range projects {
		if err := cleanRepository(s.repositoryDir(p.Name)); err != nil {
			return fmt.Errorf("clean repository of project %s: %w", p.Name, err)
		}
	}
	intents, err := s.openIntents()
	if err != nil {
		return err
	}
	for _, in := range intents {
		out, err := s.finish(ctx, in)
		if err != nil {
			return err
		}
		s.cfg.Logger.InfoContext(ctx, "finished an interrupted update", "update", in.ID, "done", out.Merged, "detail", out.Detail)
	}
	s.wakeOutbox()
	return s.forgetReports()
}

func (s *Source) openIntents() ([]*intent, error) {
	var all []*intent
	err := s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketIntents).ForEach(func(k, row []byte) error {
			in := &intent{}
			if err := unpack(row, in); err != nil {
				return fmt.Errorf("read intent %q: %w", k, err)
			}
			all = append(all, in)
			return nil
		})
	})
	return all, err
}

// cleanRepository removes the locks and the quarantined objects of processes
// that are dead. Only this process and its children work on the repository,
// and it has only just begun.
func cleanRepository(dir string) error {
	stale, err := filepath.Glob(filepath.Join(dir, "objects", quarantinePrefix+"*"))
	if err != nil {
		return err
	}
	locks, err := filepath.Glob(filepath.Join(dir, "*.lock"))
	if err != nil {
		return err
	}
	for _, path := range append(stale, locks...) {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	err = filepath.WalkDir(filepath.Join(dir, "refs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".lock") {
			err = os.Remove(path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the repository is gone, or a ref went while we looked
	}
	return err
}

// forgetReports deletes the rows of reports that nobody repeats any more.
func (s *Source) forgetReports() error {
	before := s.now().Add(-reportMemory)
	return s.db.Update(func(tx *bbolt.Tx) error {
		var old [][]byte
		err := tx.Bucket(bucketReports).ForEach(func(k, v []byte) error {
			var row reportRow
			if err := unpack(v, &row); err != nil {
				return fmt.Errorf("read report %q: %w", k, err)
			}
			if row.Time.Before(before) {
				old = append(old, append([]byte(nil), k...))
			}
			return nil
		})
		for _, k := range old {
			err = errors.Join(err, tx.Bucket(bucketReports).Delete(k))
		}
		return err
	})
}
