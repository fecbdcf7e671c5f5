package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// SystemEvent is something that happened to a tenant as a whole, or that an
// operator did to it.
type SystemEvent struct {
	// Seq and Number are the commit and the place in it.
	Seq    uint64
	Number int
	Time   time.Time
	Type   string
	Text   string
}

// Types of system events.
const (
	systemState       = "state"
	systemReconfigure = "reconfigure"
	systemConfigured  = "configured"
	systemEnqueue     = "enqueue"
	systemDequeue     = "dequeue"
	systemPromote     = "promote"
	systemDisabled    = "pipeline-disabled"
)

// system records what concerns the tenant as a whole.
func (ss *session) system(e scheduler.Event) {
	switch e := e.(type) {
	case scheduler.QueuesControlled:
		ss.note(systemState, e.Time, because(controlText(e), e.Reason))
	case scheduler.ReconfigureRequested:
		ss.note(systemReconfigure, e.Time, because("The configuration is to be loaded again", e.Reason))
	case scheduler.LayoutLoaded:
		text := fmt.Sprintf("A configuration with %d errors and warnings is in force", e.Errors)
		if e.Layout == nil {
			text = "The configuration could not be loaded, the one before stays"
		}
		ss.note(systemConfigured, e.Time, text)
	case scheduler.EnqueueReceived:
		ss.note(systemEnqueue, time.Time{}, because(e.Enqueue.Actor+" asked to put "+e.Enqueue.Ref.String()+" into "+string(e.Enqueue.Pipeline), e.Enqueue.Reason))
	case scheduler.DequeueReceived:
		r := e.Dequeue.Ref
		name := r.Ref
		if r.IsChange() {
			name = r.ID()
		}
		ss.note(systemDequeue, time.Time{}, because(e.Dequeue.Actor+" asked to take "+name+" of "+string(r.Project)+" out of "+string(e.Dequeue.Pipeline), e.Dequeue.Reason))
	case scheduler.PromoteReceived:
		ids := make([]string, len(e.Promote.Refs))
		for i, r := range e.Promote.Refs {
			ids[i] = r.ID()
		}
		ss.note(systemPromote, time.Time{}, because(e.Promote.Actor+" asked to promote "+strings.Join(ids, ", ")+" in "+string(e.Promote.Pipeline), e.Promote.Reason))
	case scheduler.FailuresCounted:
		if e.Disabled {
			ss.note(systemDisabled, time.Time{}, fmt.Sprintf("%s is disabled after %d failures in a row", e.Pipeline, e.Failures))
		}
	}
}

func (ss *session) note(kind string, at time.Time, text string) {
	ss.record(tableSystem, nil, at, DecisionKind(kind), text)
}

func controlText(e scheduler.QueuesControlled) string {
	var stopped []string
	if e.TriggerPaused {
		stopped = append(stopped, "paused trigger events")
	}
	if e.TriggerDiscarding {
		stopped = append(stopped, "discards trigger events")
	}
	if e.ResultPaused {
		stopped = append(stopped, "paused results")
	}
	if len(stopped) == 0 {
		return e.Actor + " let all queues go on"
	}
	return e.Actor + " " + strings.Join(stopped, ", ")
}

// SystemEvents returns what happened to a tenant as a whole, newest first; an
// empty kind is any. A limit of 0 is DefaultLimit.
func (s *Store) SystemEvents(ctx context.Context, t scheduler.TenantName, kind string, limit, skip int) ([]SystemEvent, error) {
	out := []SystemEvent{}
	if limit <= 0 {
		limit = DefaultLimit
	}
	limit = min(limit, MaxLimit)
	err := s.view(ctx, t, func(v *view) error {
		c := v.table(tableSystem).Cursor()
		for k, stored := c.Last(); k != nil && len(out) < limit; k, stored = c.Prev() {
			d, err := v.decision(tableSystem, k, stored)
			if err != nil {
				return err
			}
			if kind != "" && string(d.Kind) != kind {
				continue
			}
			if skip > 0 {
				skip--
				continue
			}
			number := int(binary.BigEndian.Uint32(k[8:]))
			out = append(out, SystemEvent{Seq: d.Seq, Number: number, Time: d.Time, Type: string(d.Kind), Text: d.Text})
		}
		return ctx.Err()
	})
	return out, listError("system events", err)
}
