package schedtest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

func branchKey(r scheduler.Ref) string { return string(r.Project) + "@" + r.Branch }

func mergeHash(base, what string) string {
	sum := sha256.Sum256([]byte(base + "\x00" + what))
	return hex.EncodeToString(sum[:20])
}

// prepare merges as a real merger does: the state ahead, or the branches as
// they are, with the item's refs on top.
func (w *World) prepare(e scheduler.PrepareItem) scheduler.Command {
	c := scheduler.PreparedItem{Item: e.Item, Buildset: e.Buildset, InPipeline: true, State: slices.Clone(e.Base)}
	for _, r := range e.Refs {
		if w.Conflict != nil && w.Conflict(e.BaseRefs, r) {
			c.Conflict, c.Detail = true, "conflicts"
			return c
		}
		w.mergeInto(&c, r)
		if w.ConfigErrors != nil {
			c.ConfigErrors = append(c.ConfigErrors, w.ConfigErrors(r)...)
		}
	}
	if w.Configure != nil {
		w.Configure(e, &c)
		w.graphs[e.Buildset] = c.Graph
		return c
	}
	if e.Live && len(c.ConfigErrors) == 0 && w.Graph != nil {
		c.Graph = w.freeze(e)
		w.graphs[e.Buildset] = c.Graph
	}
	return c
}

// freeze gives every ref of the item its own jobs.
func (w *World) freeze(e scheduler.PrepareItem) *scheduler.JobGraph {
	if len(e.Refs) == 1 {
		return w.Graph(e.Pipeline, e.BaseRefs, e.Refs[0])
	}
	all := &scheduler.JobGraph{Hash: "cycle"}
	for i, r := range e.Refs {
		g := w.Graph(e.Pipeline, append(slices.Clone(e.BaseRefs), e.Refs...), r)
		if g == nil {
			continue
		}
		all.Hash += "/" + g.Hash
		all.FailFast = g.FailFast
		for _, j := range g.Jobs {
			j.Ref = i
			j.Dependencies = slices.Clone(j.Dependencies)
			for k := range j.Dependencies {
				j.Dependencies[k].Ref = i
			}
			all.Jobs = append(all.Jobs, j)
		}
	}
	return all
}

func (w *World) mergeInto(c *scheduler.PreparedItem, r scheduler.Ref) {
	i := slices.IndexFunc(c.State, func(x scheduler.RepoCommit) bool { return x.Project == r.Project && x.Branch == r.Branch })
	if i < 0 {
		tip := w.Tips[branchKey(r)]
		c.State = append(c.State, scheduler.RepoCommit{Project: r.Project, Branch: r.Branch, Commit: tip, Base: tip})
		i = len(c.State) - 1
	}
	if !r.IsChange() {
		c.State[i].Commit = r.NewRev
		return
	}
	base := c.State[i].Commit
	c.State[i].Commit = mergeHash(base, r.ID())
	w.contents[c.State[i].Commit] = append(slices.Clone(w.contents[base]), r)
}

// report tells nobody but lands what it shall land, as a source would: only
// onto the branch that was tested.
func (w *World) report(e scheduler.Report) scheduler.Command {
	w.Reports = append(w.Reports, e)
	c := scheduler.CompletedReport{Report: e.Report}
	if !e.Submit {
		return c
	}
	want := map[string]string{} // branches as they must become
	for _, r := range e.Refs {
		k := branchKey(r)
		if want[k] == "" {
			want[k] = w.Tips[k]
		}
		want[k] = mergeHash(want[k], r.ID())
	}
	for _, r := range e.Refs {
		if stateOf(e.State, r) != want[branchKey(r)] {
			c.Stale, c.Detail = true, fmt.Sprintf("%s is at %.7s", r.Branch, w.Tips[branchKey(r)])
			return c
		}
	}
	for _, r := range e.Refs {
		if ch := w.Changes[r.Key()]; ch != nil && (ch.Patchset != r.Patchset || !ch.Open) {
			c.Detail = "the change has moved on"
			return c
		}
	}
	for _, r := range e.Refs {
		if w.Refuses != nil && w.Refuses(r) {
			c.Detail = "the review system refuses"
			continue
		}
		w.land(e, r)
		c.MergedChanges = append(c.MergedChanges, r.Key())
	}
	if c.Merged = len(c.MergedChanges) == len(e.Refs); c.Merged {
		c.MergedChanges = nil
	}
	return c
}

func (w *World) land(e scheduler.Report, r scheduler.Ref) {
	w.checkTested(e, r)
	w.Tips[branchKey(r)] = stateOf(e.State, r)
	w.Merged = append(w.Merged, Landing{Ref: r, Commit: stateOf(e.State, r)})
	if ch := w.Changes[r.Key()]; ch != nil {
		ch.Merged, ch.Open = true, false
	}
}

// checkTested looks for the passing builds of the very commit that lands,
// among what the executors really ran.
func (w *World) checkTested(e scheduler.Report, r scheduler.Ref) {
	commit := stateOf(e.State, r)
	graph := w.graphs[e.Buildset]
	for i := range graph.Jobs {
		j := &graph.Jobs[i]
		if !j.Voting || j.Noop() || w.askedToSkip(e, j.Key()) {
			continue
		}
		if !slices.ContainsFunc(w.History, func(b *Build) bool {
			return b.Job.Name == j.Name && b.Result == scheduler.ResultSuccess && stateOf(b.State, r) == commit
		}) {
			w.Broken = append(w.Broken, fmt.Sprintf("%s landed as %.7s, which did not pass %s", r, commit, j.Name))
		}
	}
}

func stateOf(state []scheduler.RepoCommit, r scheduler.Ref) string {
	for _, c := range state {
		if c.Project == r.Project && c.Branch == r.Branch {
			return c.Commit
		}
	}
	return ""
}
