package scheduler

import (
	"slices"
	"time"
)

// Control says which queues of a tenant an operator has stopped (Zuul
// documentation, "Tenant operations"). Requests of operators themselves are
// never stopped.
type Control struct {
	// TriggerPaused keeps trigger events waiting, TriggerDiscarding drops them
	// for good, ResultPaused keeps results of builds and merges waiting, so
	// that nothing is reported or merged because of them.
	TriggerPaused     bool
	TriggerDiscarding bool
	ResultPaused      bool
	Reason, Actor     string
	// Since is when it was set so; zero before the first time.
	Since time.Time
}

// decideControl changes what the command names and leaves the rest. Events
// that came in during a pause have asked for no reconfiguration yet.
func decideControl(s *State, m Meta, c ControlQueues) ([]Event, error) {
	if s.recent.has(c.ID) {
		return nil, duplicate(c.ID)
	}
	e := QueuesControlled{
		ID: c.ID, TriggerPaused: chosen(c.TriggerPaused, s.Control.TriggerPaused),
		TriggerDiscarding: chosen(c.TriggerDiscarding, s.Control.TriggerDiscarding),
		ResultPaused:      chosen(c.ResultPaused, s.Control.ResultPaused),
		Reason:            c.Reason, Actor: c.Actor, Time: m.Time,
	}
	events := []Event{e}
	if e.TriggerPaused || e.TriggerDiscarding {
		return events, nil
	}
	for _, entry := range s.Inbox {
		if entry.Deferred && entry.Trigger.reconfigures() {
			r := ReconfigureRequested{Request: s.Requested + 1, Reason: "configuration changed during a pause", Time: m.Time}
			return append(events, r), nil
		}
	}
	return events, nil
}

func chosen(wish *bool, now bool) bool {
	if wish != nil {
		return *wish
	}
	return now
}

// queuesControlled applies it. Results that may be handled again can end jobs
// that need no executor.
func (s *State) queuesControlled(e QueuesControlled) {
	s.recent.add(e.ID)
	resumed := s.Control.ResultPaused && !e.ResultPaused
	s.Control = Control{
		TriggerPaused: e.TriggerPaused, TriggerDiscarding: e.TriggerDiscarding, ResultPaused: e.ResultPaused,
		Reason: e.Reason, Actor: e.Actor, Since: e.Time,
	}
	if !e.TriggerPaused {
		for i := range s.Inbox {
			s.Inbox[i].Deferred = false
		}
	}
	if resumed {
		s.markAll()
	}
}

// nextEntry is what is handled next of what arrived: the oldest, but no trigger
// event while those are paused.
func (s *State) nextEntry() (InboxEntry, bool) {
	for _, e := range s.Inbox {
		switch {
		case e.Trigger == nil:
			return e, s.layoutCurrent()
		case s.Control.TriggerDiscarding:
			return e, true
		case !s.Control.TriggerPaused:
			return e, s.layoutCurrent()
		}
	}
	return InboxEntry{}, false
}

// taken removes what was handled.
func (s *State) taken(id EventID) {
	i := slices.IndexFunc(s.Inbox, func(e InboxEntry) bool { return e.id() == id })
	s.Inbox = slices.Delete(s.Inbox, max(i, 0), max(i, 0)+1)
}

func (e InboxEntry) id() EventID {
	switch {
	case e.Trigger != nil:
		return e.Trigger.ID
	case e.Enqueue != nil:
		return e.Enqueue.ID
	case e.Dequeue != nil:
		return e.Dequeue.ID
	case e.Promote != nil:
		return e.Promote.ID
	}
	return ""
}
