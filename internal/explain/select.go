package explain

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// concerns reports whether an event belongs into the subject's story.
func (t *story) concerns(e scheduler.Event, about concern) bool {
	if entered, ok := e.(scheduler.ItemEnqueued); ok && t.enters(entered) {
		t.items[entered.Item] = true
		t.order = append(t.order, entered.Item)
		return true
	}
	if item := t.itemOf(about); item != "" {
		return t.items[item] && t.narrow(item, about)
	}
	if t.pipeline != "" && about.pipeline != "" && about.pipeline != t.pipeline {
		return false
	}
	switch {
	case t.named(about.subject):
		return true
	case len(about.refs) > 0:
		return t.meansAny(about.refs) || t.alive(func(m *member) bool { return slices.ContainsFunc(about.refs, m.holds) })
	case about.queue != "":
		_, resized := e.(scheduler.WindowResized) // once an item is prepared the window is no matter
		return t.alive(func(m *member) bool { return m.queue == about.queue && (!resized || m.buildset == "") })
	case about.pipeline != "":
		return t.alive(func(m *member) bool { return m.pipeline == about.pipeline })
	}
	return about.tenantWide() && (t.waiting > 0 || t.alive(func(*member) bool { return true }))
}

// enters reports whether a new item is one of the subject's.
func (t *story) enters(e scheduler.ItemEnqueued) bool {
	return t.items[e.Item] || t.meansAny(e.Refs) && (t.pipeline == "" || t.pipeline == e.Pipeline)
}

// holds reports whether the item tests the patchset or commit of r.
func (m *member) holds(r scheduler.Ref) bool {
	return slices.ContainsFunc(m.refs, func(x scheduler.Ref) bool {
		if r.IsChange() {
			return x.Key() == r.Key()
		}
		return x.Project == r.Project && x.Ref == r.Ref && x.NewRev == r.NewRev
	})
}

// alive reports whether f holds for an item of the subject that is in its
// pipeline.
func (t *story) alive(f func(*member) bool) bool {
	for id := range t.items {
		if m := t.who.items[id]; m != nil && !m.gone && f(m) {
			return true
		}
	}
	return false
}

// narrow leaves out what is about other buildsets of the item than the one
// asked for, or about other jobs than that of the build.
func (t *story) narrow(item scheduler.ItemID, about concern) bool {
	if t.only != "" && !t.ofJob(about) {
		return false
	}
	if t.buildset == "" {
		return true
	}
	set := about.buildset
	for _, id := range about.builds {
		if r := t.who.builds[id]; set == "" && r != nil {
			set = r.set
		}
	}
	m := t.who.items[item]
	if set == "" && m != nil && m.buildset != t.buildset || set != "" && set != t.buildset {
		return false
	}
	if t.build == "" || about.job.Name == "" && len(about.builds) == 0 {
		return true
	}
	if about.job.Name != "" {
		return about.job == t.job
	}
	return slices.ContainsFunc(about.builds, func(id scheduler.BuildID) bool {
		r := t.who.builds[id]
		return id == t.build || r != nil && r.job == t.job
	})
}

// ofJob reports whether an event is about the job asked about, or about none.
func (t *story) ofJob(about concern) bool {
	if about.job.Name != "" || len(about.builds) == 0 {
		return about.job.Name == "" || about.job.Name == t.only
	}
	return slices.ContainsFunc(about.builds, func(id scheduler.BuildID) bool {
		r := t.who.builds[id]
		return r != nil && r.job.Name == t.only
	})
}

// named reports whether the words of an ignored command name the subject.
func (t *story) named(subject string) bool {
	if subject == "" {
		return false
	}
	if r := t.who.builds[scheduler.BuildID(subject)]; r != nil {
		return t.items[r.item] && (t.build == "" || t.build == r.id) && (t.buildset == "" || t.buildset == r.set)
	}
	if item, ok := t.who.buildsets[scheduler.BuildsetID(subject)]; ok {
		return t.items[item] && (t.buildset == "" || string(t.buildset) == subject)
	}
	return t.alive(func(m *member) bool {
		return slices.ContainsFunc(m.refs, func(r scheduler.Ref) bool { return r.String() == subject })
	})
}
