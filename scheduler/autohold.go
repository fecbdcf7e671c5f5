package scheduler

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Autohold is a request to keep the nodes and workspaces of failing builds
// (Zuul documentation, "Autohold").
type Autohold struct {
	ID             AutoholdID
	Project        ProjectName
	Job            JobName
	Filter         Pattern
	MaxCount       int
	Count          int
	Reason         string
	NodeExpiration time.Duration // 0 is never
	// Expired is when Count reached MaxCount; zero before.
	Expired time.Time
	Held    []HeldBuild // oldest first
}

// HeldBuild is what is kept of one build.
type HeldBuild struct {
	Build    BuildID
	Buildset BuildsetID
	Request  NodeRequestID // empty when the job had no nodes
	Nodes    []ProvidedNode
	Since    time.Time
	Until    time.Time // zero is without end
	// Released says that it is kept no longer.
	Released bool
}

// forgetAutohold is how long a request is remembered after its last nodes
// expired.
const forgetAutohold = 24 * time.Hour

// keeps reports whether builds with the result are kept.
func keeps(r Result) bool {
	switch r {
	case ResultFailure, ResultRetryLimit, ResultPostFailure, ResultTimedOut:
		return true
	}
	return false
}

// hold returns the event that keeps a build about to end, or nil.
func (t *turn) hold(it *Item, r *JobRun, e BuildCompleted) *BuildHeld {
	if e.Retry || !keeps(e.Result) || r.Build == nil || r.Build.StartedAt.IsZero() {
		return nil
	}
	a := t.s.autoholdFor(it.Refs[e.Ref], e.Job)
	if a == nil {
		return nil
	}
	h := BuildHeld{
		Autohold: a.ID, Build: e.Build, Item: e.Item, Buildset: e.Buildset, Job: e.Job, Ref: e.Ref,
		Exhausted: a.Count+1 >= a.MaxCount, Time: t.m.Time,
	}
	if r.Request != nil {
		h.Request, h.Nodes = r.Request.ID, r.Request.Nodes
	}
	if a.NodeExpiration > 0 {
		h.Until = t.m.Time.Add(a.NodeExpiration)
	}
	return &h
}

// autoholdFor returns the most specific request for builds of a job of a ref:
// one that names the ref, one for its change, one for the job; the oldest of
// several.
func (s *State) autoholdFor(r Ref, job JobName) *Autohold {
	var best *Autohold
	for _, a := range s.Autoholds {
		if a.Count >= a.MaxCount || a.Job != job || a.Project != r.Project || !a.Filter.Match(r.Ref) {
			continue
		}
		if best == nil || a.scope() > best.scope() {
			best = a
		}
	}
	return best
}

// scope orders requests by how much they mean.
func (a *Autohold) scope() int {
	switch {
	case a.Filter.Text == ".*":
		return 1
	case strings.HasSuffix(a.Filter.Text, ".*"):
		return 2
	}
	return 3
}

func decideCreateAutohold(s *State, m Meta, c CreateAutohold) ([]Event, error) {
	if s.recent.has(c.ID) {
		return nil, duplicate(c.ID)
	}
	filter, err := NewPattern(c.RefFilter, false)
	switch {
	case err != nil:
		return nil, &Rejection{Code: "invalid", Message: "the ref filter is no regular expression", Subject: c.RefFilter}
	case c.Count < 0 || c.NodeExpiration < 0:
		return nil, &Rejection{Code: "invalid", Message: "count and expiration can't be negative", Subject: string(c.Job)}
	}
	return []Event{AutoholdRequested{
		Command: c.ID, Autohold: AutoholdID(fmt.Sprintf("%010d", s.AutoholdsMade)), Project: c.Project, Job: c.Job,
		Filter: filter, MaxCount: c.Count, Reason: c.Reason, NodeExpiration: c.NodeExpiration, Actor: c.Actor, Time: m.Time,
	}}, nil
}

func decideDeleteAutohold(s *State, m Meta, c DeleteAutohold) ([]Event, error) {
	if s.recent.has(c.ID) {
		return nil, duplicate(c.ID)
	}
	a := s.Autohold(c.Autohold)
	if a == nil {
		return nil, &Rejection{Code: "not_found", Message: "no such autohold request", Subject: string(c.Autohold)}
	}
	events := a.letGo("the autohold request was deleted", m.Time, func(HeldBuild) bool { return true })
	return append(events, AutoholdDeleted{Command: c.ID, Autohold: a.ID, Reason: "deleted by " + c.Actor, Time: m.Time}), nil
}

// letGo releases the builds that f means.
func (a *Autohold) letGo(reason string, at time.Time, f func(HeldBuild) bool) []Event {
	var events []Event
	for _, h := range a.Held {
		if !h.Released && f(h) {
			events = append(events, HoldReleased{Autohold: a.ID, Build: h.Build, Request: h.Request, Reason: reason, Time: at})
		}
	}
	return events
}

// forgetAt is when the request is deleted by itself; zero is never.
func (a *Autohold) forgetAt() time.Time {
	if a.Expired.IsZero() || a.NodeExpiration == 0 {
		return time.Time{}
	}
	return a.Expired.Add(a.NodeExpiration + forgetAutohold)
}

// expired lists what is over by a time: nodes held long enough, and requests
// whose nodes are gone for a day.
func expired(s *State, now time.Time) []Event {
	over := func(t time.Time) bool { return !t.IsZero() && !t.After(now) }
	var events []Event
	for _, a := range s.Autoholds {
		events = append(events, a.letGo("its time is over", now, func(h HeldBuild) bool { return over(h.Until) })...)
		if over(a.forgetAt()) {
			events = append(events, AutoholdDeleted{Autohold: a.ID, Reason: "its nodes expired a day ago", Time: now})
		}
	}
	return events
}

// NextTick is when the next Tick is due; zero means that nothing can expire.
func NextTick(s *State) time.Time {
	var next time.Time
	earlier := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, a := range s.Autoholds {
		earlier(a.forgetAt())
		for _, h := range a.Held {
			if !h.Released {
				earlier(h.Until)
			}
		}
	}
	return next
}

// Autohold finds an autohold request, or nil.
func (s *State) Autohold(id AutoholdID) *Autohold {
	i := slices.IndexFunc(s.Autoholds, func(a *Autohold) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return s.Autoholds[i]
}
