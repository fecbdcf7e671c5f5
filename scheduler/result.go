package scheduler

import (
	"errors"
	"fmt"
)

// WaitingResult is one of these, with the others nil: what arrived while an
// operator had paused the results of a tenant.
type WaitingResult struct {
	Prepared  *PreparedItem
	Started   *StartedBuild
	Paused    *PausedBuild
	Failing   *FailingBuild
	Completed *CompletedBuild
	Nodes     *ProvidedNodes
	Lost      *LostExecutor
}

// waitingResult is the command as one that waits; false says that it is no
// result. The answer to a report is none: a report is told and answered as one
// act, and what a source has merged must be known.
func waitingResult(m Meta, c Command) (r WaitingResult, ok bool) {
	switch c := c.(type) {
	case PreparedItem:
		r.Prepared = &c
	case StartedBuild:
		c.Time = orNow(c.Time, m)
		r.Started = &c
	case PausedBuild:
		c.Time = orNow(c.Time, m)
		r.Paused = &c
	case FailingBuild:
		c.Time = orNow(c.Time, m)
		r.Failing = &c
	case CompletedBuild:
		c.Time = orNow(c.Time, m)
		r.Completed = &c
	case ProvidedNodes:
		r.Nodes = &c
	case LostExecutor:
		r.Lost = &c
	default:
		return r, false
	}
	return r, true
}

func (r WaitingResult) told() Command {
	switch {
	case r.Prepared != nil:
		return *r.Prepared
	case r.Started != nil:
		return *r.Started
	case r.Paused != nil:
		return *r.Paused
	case r.Failing != nil:
		return *r.Failing
	case r.Completed != nil:
		return *r.Completed
	case r.Nodes != nil:
		return *r.Nodes
	}
	return *r.Lost
}

// repeats reports whether both tell the same. Two executors may have got one
// build, and only later it shows whose word counts. A lost executor is no
// answer to anything and may be lost again.
func (r WaitingResult) repeats(o WaitingResult) bool {
	switch {
	case r.Prepared != nil && o.Prepared != nil:
		return r.Prepared.Buildset == o.Prepared.Buildset
	case r.Started != nil && o.Started != nil:
		return r.Started.Build == o.Started.Build
	case r.Paused != nil && o.Paused != nil:
		return r.Paused.Build == o.Paused.Build && r.Paused.Executor == o.Paused.Executor
	case r.Failing != nil && o.Failing != nil:
		return r.Failing.Build == o.Failing.Build && r.Failing.Executor == o.Failing.Executor
	case r.Completed != nil && o.Completed != nil:
		return r.Completed.Build == o.Completed.Build && r.Completed.Executor == o.Completed.Executor
	case r.Nodes != nil && o.Nodes != nil:
		return r.Nodes.Request == o.Nodes.Request
	}
	return false
}

// decideWhilePaused lets a result wait that would count otherwise.
func decideWhilePaused(s *State, m Meta, c Command) ([]Event, error) {
	events, err := decide(s, m, c)
	r, isResult := waitingResult(m, c)
	if err != nil || !isResult {
		return events, err
	}
	if r.Nodes != nil {
		if _, wanted := s.requests[r.Nodes.Request]; !wanted {
			return events, nil // they are let go of at once
		}
	}
	for _, o := range s.Results {
		if r.repeats(o) {
			return nil, &Rejection{Code: "conflict", Message: "waits already", Subject: fmt.Sprintf("%T", c)}
		}
	}
	return []Event{ResultReceived{Result: r}}, nil
}

// handleResult takes the oldest result that waits.
func (t *turn) handleResult() {
	c := t.s.Results[0].told()
	t.emit(ResultHandled{})
	t.command(c)
}

// command decides and applies one command; a refusal is a fact too.
func (t *turn) command(c Command) {
	events, err := Decide(t.s, t.m, c)
	if r := (*Rejection)(nil); errors.As(err, &r) {
		events = []Event{CommandIgnored{Command: fmt.Sprintf("%T", c), Subject: r.Subject, Reason: r.Message}}
	}
	for _, e := range events {
		t.emit(e)
	}
}

// answered reports whether the start of a build, or what was prepared, waits
// among the results: nobody needs to be asked for it again.
func (s *State) answered(build BuildID, buildset BuildsetID) bool {
	for _, r := range s.Results {
		if r.Started != nil && r.Started.Build == build || r.Prepared != nil && r.Prepared.Buildset == buildset {
			return true
		}
	}
	return false
}

// PipelineOf returns the pipeline that a waiting result is for, or nil.
func (s *State) PipelineOf(r WaitingResult) *Pipeline {
	var it *Item
	var build BuildID
	switch {
	case r.Prepared != nil:
		it = s.items[r.Prepared.Item]
	case r.Started != nil:
		build = r.Started.Build
	case r.Paused != nil:
		build = r.Paused.Build
	case r.Failing != nil:
		build = r.Failing.Build
	case r.Completed != nil:
		build = r.Completed.Build
	case r.Nodes != nil:
		it = s.requests[r.Nodes.Request].item
	}
	if b := s.builds[build]; b != nil {
		it = b.Buildset.Item
	}
	if it == nil {
		return nil
	}
	return it.Queue.Pipeline
}
