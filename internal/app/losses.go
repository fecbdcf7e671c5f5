package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"github.com/gozer-ci/gozer/internal/bus"
	"github.com/gozer-ci/gozer/scheduler"
)

// losses are the events that a stopped tenant could not take: its inputs were
// full, and other tenants of the same source must not wait for it.
type losses struct {
	mu     sync.Mutex
	dir    string // of the tenant's dump; empty when there is none
	events int
}

// in notes where the tenant's dump is.
func (l *losses) in(dir string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dir = dir
}

// count is how many events were lost.
func (l *losses) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events
}

// droppedFile in a dump lists the events that were lost after it, up to a size.
const (
	droppedFile      = "dropped.jsonl"
	droppedFileBytes = 4 << 20
)

// lost is an event that was dropped, with what is needed to enqueue its ref.
type lost struct {
	ID      scheduler.EventID     `json:"id"`
	Type    string                `json:"type"`
	Project scheduler.ProjectName `json:"project"`
	Ref     string                `json:"ref"`
	Change  string                `json:"change,omitempty"`
}

// note writes events down that were dropped.
func (l *losses) note(events []scheduler.TriggerEvent) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events += len(events)
	if l.dir == "" {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(l.dir, droppedFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("note lost events: %w", err)
	}
	if info, err := f.Stat(); err != nil || info.Size() > droppedFileBytes {
		return errors.Join(err, f.Close())
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, e := range events {
		row := lost{ID: e.ID, Type: e.Type, Project: e.Ref.Project, Ref: e.Ref.Ref}
		if e.Ref.IsChange() {
			row.Change = e.Ref.ID()
		}
		err = errors.Join(err, enc.Encode(row))
	}
	_, writeErr := f.Write(b.Bytes())
	return errors.Join(err, writeErr, f.Close())
}

// keepOrDrop stores events for a tenant. Where there is no room, what is decided
// already makes some. A tenant that has stopped keeps what fits, for its
// release; what does not is dropped, and told.
func (a *App) keepOrDrop(ctx context.Context, t *tenant, events []scheduler.TriggerEvent) error {
	err := a.storeEvents(ctx, t.name, events)
	if decided := t.engine.Decided(); errors.Is(err, bus.ErrFull) && decided > 0 {
		if err := a.bus.TrimInputs(ctx, t.name, decided); err != nil {
			return err
		}
		err = a.storeEvents(ctx, t.name, events)
	}
	if !errors.Is(err, bus.ErrFull) || t.engine.Err() == nil {
		return err
	}
	a.measures.lose(t.name, len(events))
	a.log.Error("events of a stopped tenant dropped: its inputs are full", "tenant", t.name, "events", len(events), "first", events[0].ID,
		"type", events[0].Type, "ref", events[0].Ref.String())
	if err := t.lost.note(events); err != nil {
		a.log.Warn("lost events are not listed", "tenant", t.name, "err", err)
	}
	return nil
}

// linesOf yields the lines of a text without their ends.
func linesOf(data []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for line := range bytes.Lines(data) {
			if line = bytes.TrimRight(line, "\n"); len(line) > 0 && !yield(line) {
				return
			}
		}
	}
}
