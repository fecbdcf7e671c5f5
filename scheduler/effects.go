package scheduler

import "slices"

// Effects says what the outside world must do because of an event. It is
// asked after the whole commit: s is the state with all its events applied, so
// that what a commit began and ended asks for nothing.
func Effects(s *State, e Event) []Effect {
	switch e := e.(type) {
	case ReconfigureRequested:
		if s.Loaded < e.Request {
			return []Effect{LoadLayout{Request: e.Request, Reason: e.Reason}}
		}
	case PrepareRequested:
		if it := s.items[e.Item]; it != nil && it.Buildset != nil && it.Buildset.ID == e.Buildset && !it.Buildset.Prepared {
			return []Effect{prepareEffect(s, it)}
		}
	case BuildRequested:
		if b := s.builds[e.Build]; b != nil && b.wantsExecutor() {
			return []Effect{startEffect(s, b)}
		}
	case BuildResumed:
		if b := s.builds[e.Build]; b != nil && b.Result == "" {
			return []Effect{ResumeBuild{Build: b.ID}}
		}
	case ArtifactsRequested:
		if it := s.items[e.Item]; it != nil && it.Buildset != nil && it.Buildset.ID == e.Buildset {
			if l := it.Buildset.lookup(&Item{ID: e.Of}, e.Names); l != nil && !l.Found {
				return findEffect(s, it.Buildset, l)
			}
		}
	case JobsReset:
		return cancelEffects(e.Running, e.Reason)
	case ReportCompleted:
		return landingEffect(s, e.Report)
	case BuildsetReset:
		return cancelEffects(e.Running, e.Reason)
	case BuildsCanceled:
		return cancelEffects(e.Running, e.Reason)
	case ItemDequeued:
		return cancelEffects(e.Running, e.Reason)
	case ReportRequested:
		for _, r := range s.Reports {
			if r.Report == e.Report {
				return []Effect{reportEffect(s, r)}
			}
		}
	}
	return resourceEffects(s, e)
}

// OpenEffects derives everything that was asked for and not answered, after a
// restart. Started builds are not among them: their executor answers or is lost.
func OpenEffects(s *State) []Effect {
	var out []Effect
	if s.Loaded < s.Requested {
		out = append(out, LoadLayout{Request: s.Requested, Reason: "resumed"})
	}
	for _, r := range s.Reports {
		out = append(out, reportEffect(s, r))
	}
	for _, l := range s.Landed {
		out = append(out, landingEffect(s, l.Report)...)
	}
	s.eachItem(func(it *Item) {
		if it.Buildset != nil && !it.Buildset.Prepared && !s.answered("", it.Buildset.ID) {
			out = append(out, prepareEffect(s, it))
		}
		if it.Buildset != nil {
			for i := range it.Buildset.Lookups {
				if l := &it.Buildset.Lookups[i]; !l.Found {
					out = append(out, findEffect(s, it.Buildset, l)...)
				}
			}
		}
	})
	s.eachBuild(func(b *Build) {
		if b.wantsExecutor() && !s.answered(b.ID, "") {
			out = append(out, startEffect(s, b))
		}
		if b.Result == "" && !b.ResumedAt.IsZero() {
			out = append(out, ResumeBuild{Build: b.ID})
		}
	})
	return append(out, openResources(s)...)
}

// wantsExecutor reports whether the build waits for an executor to take it.
func (b *Build) wantsExecutor() bool {
	return b.Result == "" && b.StartedAt.IsZero() && !b.Buildset.job(b.Key()).Job.Noop()
}

// Executors lists the executors that run builds, in order of first use.
func Executors(s *State) []ExecutorName {
	var out []ExecutorName
	add := func(name ExecutorName) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	s.eachBuild(func(b *Build) {
		if b.Result == "" {
			add(b.Executor)
		}
	})
	for _, r := range s.Results {
		if r.Started != nil {
			add(r.Started.Executor)
		}
	}
	return out
}

func prepareEffect(s *State, it *Item) PrepareItem {
	e := PrepareItem{
		Tenant: s.Tenant, Pipeline: it.Queue.Pipeline.Config.Name, Item: it.ID, Buildset: it.Buildset.ID,
		Refs: it.Refs, Live: it.Live, BaseRefs: it.Buildset.Base, Layout: s.Layout.Hash,
	}
	if it.Ahead != nil && it.Ahead.Buildset != nil {
		e.Base = it.Ahead.Buildset.State
	}
	if i := slices.IndexFunc(it.Refs, func(r Ref) bool { return sameRef(r, it.Trigger) }); i > 0 {
		e.Trigger = i
	}
	return e
}

func startEffect(s *State, b *Build) StartBuild {
	it := b.Buildset.Item
	p := it.Queue.Pipeline.Config
	items := append(append([]Ref(nil), b.Buildset.Base...), it.Refs...)
	return StartBuild{
		Tenant: s.Tenant, Pipeline: p.Name, PostReview: p.PostReview, Item: it.ID, Buildset: b.Buildset.ID,
		Build: b.ID, Attempt: b.Attempt, Job: b.Buildset.job(b.Key()).Job, Nodes: b.Buildset.job(b.Key()).nodes(), Refs: it.Refs, Items: items,
		State: b.Buildset.State, Precedence: p.Precedence, Event: it.Event, EventData: it.Data, EnqueuedAt: it.EnqueuedAt,
		Inherited: b.inherited(),
	}
}

func cancelEffects(builds []BuildID, reason string) []Effect {
	out := make([]Effect, len(builds))
	for i, b := range builds {
		out[i] = CancelBuild{Build: b, Reason: reason}
	}
	return out
}

func reportEffect(s *State, r *ReportRequested) Report {
	e := Report{
		Tenant: s.Tenant, Report: r.Report, Item: r.Item, Buildset: r.Buildset, Pipeline: r.Pipeline,
		Action: r.Action, Refs: r.Refs, Reporters: r.Reporters, Message: r.Message, Result: r.Result,
		Submit: r.Submit, Builds: r.Builds,
	}
	if it := s.items[r.Item]; it != nil && it.Buildset != nil && it.Buildset.ID == r.Buildset {
		e.State = it.Buildset.State
	}
	return e
}
