package explain

import (
	"fmt"
	"strconv"

	"github.com/gozer-ci/gozer/internal/past"
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
	at := q.At
	if at.IsZero() {
		at = last.Time
	}
	return t.document(q, sceneOf(sub, s), past.Point{Seq: last.Seq, At: at})
}

// document puts the answer together.
func (t *story) document(q Question, sc scene, p past.Point) (Document, error) {
	doc := Document{
		Tenant: q.Tenant, Kind: t.kind, What: t.name(), Seq: p.Seq, At: p.At.UTC(),
		Items: sc.items, Timeline: t.entries, Omitted: t.omitted, Notes: []string{},
	}
	doc.Current = append(t.current(sc), t.absent(sc)...)
	if !t.known(q, sc) || len(doc.Current) == 0 && len(doc.Items) == 0 {
		return doc, &scheduler.Rejection{Code: "not_found", Message: "the log has nothing of it up to " + stamp(p.At), Subject: t.name()}
	}
	return doc, nil
}

// known reports whether what has the identifier was there at the time: an
// index knows it of any time. A story that is cut may not tell of it.
func (t *story) known(q Question, sc scene) bool {
	switch {
	case q.At.IsZero():
		return true
	case t.kind == KindBuild:
		return t.who.builds[t.build] != nil || sc.build != ""
	case len(sc.items) > 0:
		return true
	case t.kind == KindBuildset:
		return t.who.buildsets[t.buildset] != ""
	case t.kind == KindItem:
		return t.who.items[scheduler.ItemID(t.id)] != nil
	}
	return true
}

// name names the subject in full.
func (s *subject) name() string {
	switch s.kind {
	case KindChange:
		if s.patchset != 0 {
			return fmt.Sprintf("%d,%d", s.number, s.patchset)
		}
		return strconv.Itoa(s.number)
	case KindRef:
		return s.project + "@" + s.ref
	}
	return s.id
}

// current says how the subject is as a whole.
func (t *story) current(sc scene) []string {
	out := sc.pending
	if t.build != "" {
		return append(out, t.buildNow(sc)...)
	}
	switch {
	case len(sc.items) > 0:
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

// buildNow says how the build asked about is, if it is not in the state any more.
func (t *story) buildNow(sc scene) []string {
	r := t.who.builds[t.build]
	switch {
	case sc.build != "":
		return []string{sc.build}
	case r == nil:
		return nil
	case r.result == "":
		return []string{fmt.Sprintf("%s was cancelled: its buildset was thrown away.", t.who.build(t.build))}
	}
	return []string{fmt.Sprintf("%s ended with %s.", t.who.build(t.build), r.result)}
}
