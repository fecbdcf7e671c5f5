package explain

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Answer explains a subject from all the commits up to the time asked about,
// and the state after them. It is what the tests of the core use; a Reader
// finds the commits that matter in a log.
func Answer(q Question, s *scheduler.State, commits []Commit) (Document, error) {
	sub, err := q.parse()
	if err != nil {
		return Document{}, err
	}
	if sub.id != "" {
		f := newFinder(sub.id)
		for _, c := range commits {
			for _, e := range c.Events {
				f.event(e)
			}
		}
		if err := f.settle(sub); err != nil {
			return Document{}, err
		}
	}
	t := newStory(sub, newWho(nil))
	var last Commit
	for _, c := range commits {
		t.commit(c)
		last = c
	}
	return t.document(q, s, last.Seq, last.Time)
}

// document puts the answer together.
func (t *story) document(q Question, s *scheduler.State, seq uint64, at time.Time) (Document, error) {
	if !q.At.IsZero() {
		at = q.At
	}
	doc := Document{
		Tenant: q.Tenant, Kind: t.kind, What: t.name(), Seq: seq, At: at.UTC(), Timeline: t.entries, Omitted: t.omitted,
	}
	n := &now{s: s}
	s.EachItem(func(it *scheduler.Item) {
		if t.mine(it) {
			doc.Items = append(doc.Items, n.describe(it))
		}
	})
	doc.Current = t.current(n, len(doc.Items))
	if len(doc.Current) == 0 && len(doc.Items) == 0 {
		return doc, &scheduler.Rejection{Code: "not_found", Message: "the log has nothing of it up to " + stamp(at), Subject: t.name()}
	}
	return doc, nil
}

// mine reports whether an item of the state is one of the subject's. The
// buildset asked about may be one that was thrown away.
func (t *story) mine(it *scheduler.Item) bool {
	if t.pipeline != "" && it.Queue.Pipeline.Config.Name != t.pipeline {
		return false
	}
	if t.buildset != "" && (it.Buildset == nil || it.Buildset.ID != t.buildset) {
		return false
	}
	return t.items[it.ID] || t.meansAny(it.Refs)
}

// name names the subject in full.
func (t *story) name() string {
	switch t.kind {
	case KindChange:
		if t.patchset != 0 {
			return fmt.Sprintf("%d,%d", t.number, t.patchset)
		}
		return strconv.Itoa(t.number)
	case KindRef:
		return t.project + "@" + t.ref
	}
	return t.id
}

func (n *now) describe(it *scheduler.Item) Item {
	q := it.Queue
	out := Item{
		ID: it.ID, Pipeline: q.Pipeline.Config.Name, Queue: q.Name, Refs: it.Refs, Live: it.Live,
		Position: it.Position(), Current: n.item(it),
	}
	if q.Dynamic {
		out.Queue = ""
	}
	out.Ahead, out.AheadTotal = n.ahead(it)
	return out
}

// current says how the subject is as a whole.
func (t *story) current(n *now, items int) []string {
	var out []string
	for _, e := range n.s.Inbox {
		if text := t.pending(e); text != "" {
			out = append(out, text)
		}
	}
	if len(out) > 0 && !n.s.LayoutCurrent() {
		out = append(out, n.loading())
	}
	if t.build != "" {
		return append(out, t.buildNow(n)...)
	}
	switch {
	case items > 0:
	case t.buildset != "" && t.alive(func(m *member) bool { return m.buildset != t.buildset }):
		out = append(out, "The buildset was thrown away; its item is tested anew.")
	case t.left != nil && (t.refused == nil || t.left.Seq >= t.refused.Seq):
		out = append(out, fmt.Sprintf("It is in no pipeline: it left %s at %s, because %s.", t.left.Pipeline, stamp(t.left.Time), t.left.Cause))
	case t.refused != nil:
		out = append(out, fmt.Sprintf("It is in no pipeline: it was refused by %s at %s, because %s.", t.refused.Pipeline, stamp(t.refused.Time), clause(t.refused.Cause)))
	case len(t.entries) > 0 && len(out) == 0:
		out = append(out, "It is in no pipeline: no trigger of a pipeline matched what happened to it.")
	}
	return out
}

// pending tells of an entry of the inbox that names the subject.
func (t *story) pending(e scheduler.InboxEntry) string {
	switch {
	case e.Trigger != nil && t.meansAny([]scheduler.Ref{e.Trigger.Ref}):
		return fmt.Sprintf("Event %s of %s waits to be handled.", e.Trigger.Type, e.Trigger.Ref)
	case e.Enqueue != nil && t.meansAny([]scheduler.Ref{e.Enqueue.Ref}):
		return fmt.Sprintf("The wish of %s to put %s into %s waits to be handled.", actor(e.Enqueue.Actor), e.Enqueue.Ref, e.Enqueue.Pipeline)
	case e.Dequeue != nil && t.meansAny([]scheduler.Ref{e.Dequeue.Ref}):
		return fmt.Sprintf("The wish of %s to take %s out of %s waits to be handled.", actor(e.Dequeue.Actor), e.Dequeue.Ref, e.Dequeue.Pipeline)
	}
	return ""
}

// buildNow says how the build asked about is.
func (t *story) buildNow(n *now) []string {
	if b := n.s.Build(t.build); b != nil {
		it := b.Buildset.Item
		return []string{n.job(it, it.Buildset.Job(b.Key()), false)}
	}
	r := t.who.builds[t.build]
	if r == nil {
		return nil
	}
	if r.result == "" {
		return []string{fmt.Sprintf("%s was cancelled: its buildset was thrown away.", t.who.build(t.build))}
	}
	return []string{fmt.Sprintf("%s ended with %s.", t.who.build(t.build), r.result)}
}
