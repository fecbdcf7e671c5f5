package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Commit is one record of the event log, decoded.
type Commit struct {
	Tenant scheduler.TenantName
	Seq    uint64 // from 1, gapless
	Hash   [32]byte
	Time   time.Time
	Events []scheduler.Event
}

// Apply projects commits into the read models: all of them with their
// positions in one transaction, or, when it returns an error, none. Commits of
// several tenants may be mixed; those of one tenant must be in order. Commits
// that are applied already are passed over. Events are read, not kept.
//
// Errors: ErrGap; ErrDamaged, after which the tenant must be Reset; the
// context's; and those of the file system.
func (s *Store) Apply(ctx context.Context, commits []Commit) error {
	if len(commits) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.applying.Lock()
	defer s.applying.Unlock()
	err := s.updateFile(func(tx *bbolt.Tx) error { return s.applyAll(tx, commits) })
	if err != nil {
		clear(s.tenants) // what they hold was not written
		return fmt.Errorf("apply commits to read models: %w", err)
	}
	return nil
}

func (s *Store) applyAll(tx *bbolt.Tx, commits []Commit) error {
	open := map[scheduler.TenantName]*session{}
	var order []*session
	for i := range commits {
		c := &commits[i]
		ss := open[c.Tenant]
		if ss == nil {
			var err error
			if ss, err = s.session(tx, c.Tenant); err != nil {
				return err
			}
			open[c.Tenant] = ss
			order = append(order, ss)
		}
		if err := ss.apply(c); err != nil {
			return err
		}
	}
	for _, ss := range order {
		if err := ss.flush(); err != nil {
			return err
		}
	}
	return nil
}

// apply projects one commit.
func (ss *session) apply(c *Commit) error {
	at := &ss.cache.state
	if c.Seq <= at.Seq {
		if c.Seq == at.Seq && c.Hash != at.Hash {
			return fmt.Errorf("commit %d of tenant %s has hash %x and was applied with %x: %w",
				c.Seq, c.Tenant, c.Hash[:8], at.Hash[:8], ErrGap)
		}
		return nil
	}
	if c.Seq != at.Seq+1 {
		return fmt.Errorf("commit %d of tenant %s after %d: %w", c.Seq, c.Tenant, at.Seq, ErrGap)
	}
	ss.commit = c
	for i, e := range c.Events {
		ss.event = i
		ss.project(e)
		if ss.err != nil {
			return ss.err
		}
	}
	at.Seq, at.Hash = c.Seq, c.Hash
	return nil
}

// Reset forgets all rows of a tenant, so that Apply expects its first commit.
func (s *Store) Reset(t scheduler.TenantName) error {
	s.applying.Lock()
	defer s.applying.Unlock()
	delete(s.tenants, t)
	err := s.updateFile(func(tx *bbolt.Tx) error {
		err := tx.DeleteBucket(tenantBucket(t))
		if errors.Is(err, berrors.ErrBucketNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("reset read models of tenant %s: %w", t, err)
	}
	return nil
}
