package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// outboxBatch is how many events are delivered before their rows go.
const outboxBatch = 64

// The pause after a failed delivery doubles between these.
const (
	minPause = 100 * time.Millisecond
	maxPause = 10 * time.Second
)

// emit writes an event to the outbox. Its identifier follows from its row, so
// that every delivery of it has the same.
func (s *Source) emit(tx *bbolt.Tx, e scheduler.TriggerEvent) error {
	seq, err := tx.Bucket(bucketOutbox).NextSequence()
	if err != nil {
		return err
	}
	id := sha256.Sum256(fmt.Appendf(nil, "%s %d", tx.Bucket(bucketMeta).Get(keyIdentity), seq))
	e.ID = scheduler.EventID(hex.EncodeToString(id[:16]))
	e.Connection = s.cfg.Connection
	e.Time = s.now()
	return put(tx, bucketOutbox, numberKey(int(seq)), e)
}

func (s *Source) wakeOutbox() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

// Run implements source.Source. Only one Run may be active.
func (s *Source) Run(ctx context.Context, sink source.Sink) error {
	pause := minPause
	for {
		n, err := s.deliver(ctx, sink)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			s.cfg.Logger.WarnContext(ctx, "delivery of source events failed", "connection", s.cfg.Connection, "err", err, "retry_in", pause)
			if !sleep(ctx, pause) {
				return context.Cause(ctx)
			}
			pause = min(2*pause, maxPause)
		case n > 0:
			pause = minPause
		default:
			pause = minPause
			select {
			case <-s.wake:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
}

// sleep waits; false means that ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// deliver hands the oldest rows to sink and then deletes those that it took.
// After a crash in between they are delivered again, with the same identifiers.
func (s *Source) deliver(ctx context.Context, sink source.Sink) (int, error) {
	rows, err := s.pending()
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	events := make([]scheduler.TriggerEvent, len(rows))
	for i, row := range rows {
		events[i] = row.event
		if events[i].Changes, err = s.currentFacts(row.event); err != nil {
			return 0, err
		}
	}
	if err := sink(ctx, events...); err != nil {
		first := events[0]
		return 0, fmt.Errorf("deliver %d events from %s (%s of %s) on: %w", len(events), first.ID, first.Type, first.Ref, err)
	}
	return len(rows), s.delete(rows)
}

type outboxRow struct {
	key   []byte
	event scheduler.TriggerEvent
}

func (s *Source) pending() ([]outboxRow, error) {
	var rows []outboxRow
	err := s.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketOutbox).Cursor()
		for k, v := c.First(); k != nil && len(rows) < outboxBatch; k, v = c.Next() {
			row := outboxRow{key: append([]byte(nil), k...)}
			if err := unpack(v, &row.event); err != nil {
				return fmt.Errorf("read outbox row %d: %w", numberAt(k), err)
			}
			rows = append(rows, row)
		}
		return nil
	})
	return rows, err
}

// currentFacts looks the changes of an event up when it is delivered: the last
// event about a change thus always carries its last state.
func (s *Source) currentFacts(e scheduler.TriggerEvent) (changes []scheduler.Change, err error) {
	if !e.Ref.IsChange() {
		return nil, nil
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		changes, err = s.closure(tx, e.Ref.Number)
		return err
	})
	return changes, err
}

func (s *Source) delete(rows []outboxRow) error {
	if len(rows) == 0 {
		return nil
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		for _, row := range rows {
			if err := tx.Bucket(bucketOutbox).Delete(row.key); err != nil {
				return err
			}
		}
		return nil
	})
}

func isRefusal(err error) bool {
	var refused *source.Error
	return errors.As(err, &refused)
}
