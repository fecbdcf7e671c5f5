package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// found is something whose identifier begins as asked.
type found struct {
	kind     Kind
	id       string
	item     scheduler.ItemID
	buildset scheduler.BuildsetID
	job      scheduler.JobKey
}

// finder looks for identifiers in events and states.
type finder struct {
	prefix string
	all    map[string]found // by kind and identifier
}

func newFinder(prefix string) *finder { return &finder{prefix: prefix, all: map[string]found{}} }

func (f *finder) add(x found) {
	if strings.HasPrefix(x.id, f.prefix) {
		f.all[string(x.kind)+x.id] = x
	}
}

// event looks at the events that bring identifiers into the world.
func (f *finder) event(e scheduler.Event) {
	switch e := e.(type) {
	case scheduler.ItemEnqueued:
		f.add(found{kind: KindItem, id: string(e.Item), item: e.Item})
	case scheduler.PrepareRequested:
		f.add(found{kind: KindBuildset, id: string(e.Buildset), item: e.Item, buildset: e.Buildset})
	case scheduler.BuildRequested:
		f.add(found{KindBuild, string(e.Build), e.Item, e.Buildset, scheduler.JobKey{Name: e.Job, Ref: e.Ref}})
	case scheduler.JobSkipped:
		f.add(found{KindBuild, string(e.Build), e.Item, e.Buildset, scheduler.JobKey{Name: e.Job, Ref: e.Ref}})
	}
}

// state looks at what is in the pipelines.
func (f *finder) state(s *scheduler.State) {
	s.EachItem(func(it *scheduler.Item) {
		f.add(found{kind: KindItem, id: string(it.ID), item: it.ID})
		if it.Buildset == nil {
			return
		}
		f.add(found{kind: KindBuildset, id: string(it.Buildset.ID), item: it.ID, buildset: it.Buildset.ID})
		for _, r := range it.Buildset.Jobs {
			builds := r.Retried
			if r.Build != nil {
				builds = append(slices.Clone(builds), r.Build)
			}
			for _, b := range builds {
				f.add(found{KindBuild, string(b.ID), it.ID, it.Buildset.ID, r.Job.Key()})
			}
		}
	})
}

// settle narrows the subject to the only thing that was found.
func (f *finder) settle(s *subject) error {
	switch len(f.all) {
	case 0:
		return &scheduler.Rejection{Code: "not_found", Message: "no item, buildset or build has an identifier that begins so", Subject: f.prefix}
	case 1:
	default:
		names := make([]string, 0, len(f.all))
		for _, x := range f.all {
			names = append(names, string(x.kind)+" "+x.id)
		}
		slices.Sort(names)
		return &scheduler.Rejection{
			Code: "invalid", Subject: f.prefix,
			Message: fmt.Sprintf("more than one identifier begins so, say more of it: %s", enumerate(names)),
		}
	}
	for _, x := range f.all {
		s.become(x)
	}
	return nil
}

// become makes the subject what was found.
func (s *subject) become(x found) {
	s.kind, s.id, s.buildset, s.job = x.kind, x.id, x.buildset, x.job
	s.items[x.item] = true
	if x.kind == KindBuild {
		s.build = scheduler.BuildID(x.id)
	}
}
