package explain

import (
	"fmt"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// scene is what a state tells of a subject; it keeps nothing of the state.
type scene struct {
	items   []Item
	pending []string // what waits in the inbox
	build   string   // how the build asked about is; empty when it is not there
	// since is when the oldest of the items came to be; zero without items.
	since time.Time
}

func sceneOf(sub *subject, s *scheduler.State) scene {
	sc := scene{items: []Item{}, pending: []string{}}
	n := &now{s: s, only: sub.only}
	s.EachItem(func(it *scheduler.Item) {
		if !sub.mine(it) {
			return
		}
		sc.items = append(sc.items, n.describe(it))
		if came := earlier(it.EventTime, it.EnqueuedAt); sc.since.IsZero() || came.Before(sc.since) {
			sc.since = came
		}
	})
	for _, e := range s.Inbox {
		if text := sub.pending(e); text != "" {
			sc.pending = append(sc.pending, text)
		}
	}
	if len(sc.pending) > 0 && s.Control.TriggerPaused {
		sc.pending = append(sc.pending, "Events wait"+stopped(s.Control))
	}
	if len(sc.pending) > 0 && !s.LayoutCurrent() {
		sc.pending = append(sc.pending, n.loading())
	}
	if b := s.Build(sub.build); sub.build != "" && b != nil {
		sc.build = n.job(b.Buildset.Item, b.Buildset.Job(b.Key()), false)
	}
	return sc
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// mine reports whether an item of the state is one of the subject's. The
// buildset asked about may be one that was thrown away.
func (s *subject) mine(it *scheduler.Item) bool {
	if s.pipeline != "" && it.Queue.Pipeline.Config.Name != s.pipeline {
		return false
	}
	if s.buildset != "" && (it.Buildset == nil || it.Buildset.ID != s.buildset) {
		return false
	}
	return s.items[it.ID] || s.meansAny(it.Refs)
}

func (n *now) describe(it *scheduler.Item) Item {
	q := it.Queue
	out := Item{
		ID: it.ID, Pipeline: q.Pipeline.Config.Name, Queue: q.Name, Title: nameRefs(it.Refs), Refs: refsOf(it.Refs), Live: it.Live,
		Position: it.Position(), Current: n.item(it),
	}
	if q.Dynamic {
		out.Queue = ""
	}
	out.Ahead, out.AheadTotal = n.ahead(it)
	return out
}

// pending tells of an entry of the inbox that names the subject.
func (s *subject) pending(e scheduler.InboxEntry) string {
	means := func(r scheduler.Ref) bool { return s.means(r) }
	switch {
	case e.Trigger != nil && means(e.Trigger.Ref):
		return fmt.Sprintf("Event %s of %s waits to be handled.", e.Trigger.Type, e.Trigger.Ref)
	case e.Enqueue != nil && means(e.Enqueue.Ref):
		return fmt.Sprintf("The wish of %s to put %s into %s waits to be handled.", actor(e.Enqueue.Actor), e.Enqueue.Ref, e.Enqueue.Pipeline)
	case e.Promote != nil && s.meansAny(e.Promote.Refs):
		return fmt.Sprintf("The wish of %s to move %s to the front of %s waits to be handled.", actor(e.Promote.Actor), nameRefs(e.Promote.Refs), e.Promote.Pipeline)
	case e.Dequeue != nil && means(e.Dequeue.Ref):
		return fmt.Sprintf("The wish of %s to take %s out of %s waits to be handled.", actor(e.Dequeue.Actor), e.Dequeue.Ref, e.Dequeue.Pipeline)
	}
	return ""
}
