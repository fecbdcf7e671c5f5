package scheduler

import (
	"fmt"
	"slices"
	"strings"
)

// Lookup asks the history what a change provided that is ahead but not tested
// in this pipeline now.
type Lookup struct {
	// Of is the non-live item, Names are the artifacts that a job requires.
	Of    ItemID
	Names []string
	// Found says that the answer is there: the builds of the change's latest
	// buildset that provide one of Names.
	Found  bool
	Builds []ProvidedBuild
}

// ProvidedBuild is a build in the history that provides artifacts.
type ProvidedBuild struct {
	Build     BuildID
	Job       JobName
	Ref       Ref
	Result    Result
	Provides  []string
	Artifacts []Artifact
}

// provision is what the items ahead have for a job that requires artifacts.
type provision struct {
	// waits says that a job ahead has not provided yet, or that the history
	// has not answered.
	waits bool
	// of and by are whom it waits for; by is nil when it is not known which job.
	of *Item
	by *JobRun
	// ask are the non-live items that the history must be asked about.
	ask []*Item
	// failed says why the job can't have what it requires; empty if it can.
	failed    string
	artifacts []PassedArtifact
}

// provisionFor looks through the items ahead, nearest first, for jobs that
// provide what the job requires (Zuul documentation, "Job: requires"). Changes
// that have merged are not asked: what they made is where jobs expect it.
func (s *State) provisionFor(it *Item, job *FrozenJob) provision {
	var p provision
	if len(job.Requires) == 0 {
		return p
	}
	for a := it.Ahead; a != nil && p.failed == ""; a = a.Ahead {
		switch twin := s.liveTwin(a); {
		case a.Live:
			p.provided(a, job)
		case twin != nil:
			p.provided(twin, job)
		default:
			p.history(it.Buildset.lookup(a, job.Requires), a, job)
		}
	}
	slices.Reverse(p.artifacts) // oldest first
	return p
}

// provided looks at the jobs of a live item.
func (p *provision) provided(a *Item, job *FrozenJob) {
	// What it will provide is not known yet; or it is about to merge, and then
	// jobs find what it made where it was published.
	if a.Buildset == nil || !a.Buildset.Prepared || a.Report != "" {
		p.await(a, nil)
		return
	}
	for _, r := range a.Buildset.Jobs {
		if len(common(r.Job.Provides, job.Requires)) == 0 {
			continue
		}
		// Branches and tags are not speculative and provide nothing.
		if r.Result() != ResultSuccess && !r.paused() || !a.Refs[r.Job.Ref].IsChange() {
			p.await(a, r)
			return
		}
		for _, got := range r.artifacts() {
			got.Branch = ""
			p.artifacts = append(p.artifacts, got)
		}
	}
}

// await notes what the job waits for; the nearest is told.
func (p *provision) await(of *Item, by *JobRun) {
	if !p.waits {
		p.waits, p.of, p.by = true, of, by
	}
}

// history looks at what is known of a change that is not tested now.
func (p *provision) history(l *Lookup, a *Item, job *FrozenJob) {
	switch {
	case l == nil:
		p.ask = append(p.ask, a)
		p.await(a, nil)
		return
	case !l.Found:
		p.await(a, nil)
		return
	}
	for _, b := range l.Builds {
		if b.Result != ResultSuccess {
			p.failed = fmt.Sprintf("Job %s requires artifact(s) %s provided by build %s (triggered by change %d on project %s), but that build failed with result %q",
				job.Name, strings.Join(common(job.Requires, b.Provides), ", "), b.Build, b.Ref.Number, b.Ref.Name, b.Result)
			return
		}
		for _, x := range b.Artifacts {
			p.artifacts = append(p.artifacts, PassedArtifact{
				Artifact: x, Project: b.Ref.Name, Job: b.Job, Change: b.Ref.Number, Patchset: b.Ref.Patchset,
			})
		}
	}
}

// common lists the names of a that are in b too.
func common(a, b []string) []string {
	var out []string
	for _, name := range a {
		if slices.Contains(b, name) {
			out = append(out, name)
		}
	}
	return out
}

// liveTwin is the item of the same pipeline that tests the changes of a
// non-live one, or nil.
func (s *State) liveTwin(a *Item) *Item {
	if a.Live {
		return nil
	}
	for _, x := range s.holding[a.Refs[0].Key()] {
		if x.Live && x.Queue.Pipeline == a.Queue.Pipeline && len(x.Refs) == len(a.Refs) && !slices.ContainsFunc(a.Refs, func(r Ref) bool { return !x.holdsRef(r) }) {
			return x
		}
	}
	return nil
}

func (b *Buildset) lookup(of *Item, names []string) *Lookup {
	for i := range b.Lookups {
		if l := &b.Lookups[i]; l.Of == of.ID && slices.Equal(l.Names, names) {
			return l
		}
	}
	return nil
}

// provide reports whether the job has what it requires. It asks the history
// where that must be known, and fails the job when a provider has failed.
func (t *turn) provide(it *Item, r *JobRun) (ready bool) {
	p := t.s.provisionFor(it, r.Job)
	if p.failed != "" {
		t.conclude(it, r, ResultFailure, p.failed)
		return false
	}
	for _, of := range p.ask {
		t.emit(ArtifactsRequested{
			Item: it.ID, Buildset: it.Buildset.ID, Of: of.ID, Refs: of.Refs, Names: r.Job.Requires, Time: t.m.Time,
		})
	}
	return !p.waits
}

func decideFound(s *State, m Meta, c FoundArtifacts) ([]Event, error) {
	it := s.items[c.Item]
	if it == nil || it.Buildset == nil || it.Buildset.ID != c.Buildset {
		return nil, late(c.Buildset)
	}
	l := it.Buildset.lookup(&Item{ID: c.Of}, c.Names)
	if l == nil || l.Found {
		return nil, late(c.Buildset)
	}
	return []Event{ArtifactsFound{Item: c.Item, Buildset: c.Buildset, Of: c.Of, Names: c.Names, Builds: c.Builds, Time: m.Time}}, nil
}

func (s *State) artifactsRequested(e ArtifactsRequested) {
	b := s.items[e.Item].Buildset
	b.Lookups = append(b.Lookups, Lookup{Of: e.Of, Names: e.Names})
}

func (s *State) artifactsFound(e ArtifactsFound) {
	it := s.items[e.Item]
	l := it.Buildset.lookup(&Item{ID: e.Of}, e.Names)
	l.Found, l.Builds = true, e.Builds
	s.mark(it)
}

// findEffect asks the history; it is nil when the item ahead has gone, which
// starts the buildset anew.
func findEffect(s *State, b *Buildset, l *Lookup) []Effect {
	of := s.items[l.Of]
	if of == nil {
		return nil
	}
	return []Effect{FindArtifacts{
		Tenant: s.Tenant, Pipeline: of.Queue.Pipeline.Config.Name, Item: b.Item.ID, Buildset: b.ID, Of: l.Of, Refs: of.Refs, Names: l.Names,
	}}
}

// markRequiring wakes the items with jobs that require what the job provides.
func (s *State) markRequiring(r *JobRun) {
	for _, name := range r.Job.Provides {
		for _, it := range s.requiring[name] {
			s.mark(it)
		}
	}
}

// markProvided wakes the items with jobs that require what the item's jobs
// provide: while it is reported they have to wait.
func (s *State) markProvided(it *Item) {
	if it.Buildset == nil || len(s.requiring) == 0 {
		return
	}
	for _, r := range it.Buildset.Jobs {
		s.markRequiring(r)
	}
}

// markTwins wakes what is tested on top of non-live items with the changes of
// a live one: it looks at the live one's jobs while that is there.
func (s *State) markTwins(it *Item) {
	if !it.Live || len(s.requiring) == 0 {
		return
	}
	for _, r := range it.Refs {
		if !r.IsChange() {
			continue
		}
		for _, x := range s.holding[r.Key()] {
			if x.Live || x.Queue.Pipeline != it.Queue.Pipeline {
				continue
			}
			for _, behind := range x.Queue.Items {
				s.mark(behind)
			}
		}
	}
}

// indexRequires lists the item under the artifacts that its jobs require, so
// that what provides those finds it.
func (s *State) indexRequires(it *Item) {
	for _, r := range it.Buildset.Jobs {
		for _, name := range r.Job.Requires {
			if !slices.Contains(s.requiring[name], it) {
				s.requiring[name] = append(s.requiring[name], it)
			}
		}
	}
}

func (s *State) unindexRequires(it *Item, r *JobRun) {
	for _, name := range r.Job.Requires {
		s.requiring[name] = without(s.requiring[name], it)
		if len(s.requiring[name]) == 0 {
			delete(s.requiring, name)
		}
	}
}
