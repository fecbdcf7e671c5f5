package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

func branchOf(r scheduler.Ref) string { return string(r.Project) + "@" + r.Branch }

func hashOf(base, what string) string {
	sum := sha256.Sum256([]byte(base + "\x00" + what))
	return hex.EncodeToString(sum[:20])
}

// put makes the commit that has something on top of a base: the same inputs
// give the same commit, and what a base has already changes nothing.
func (f *forge) put(base, what string) string {
	if f.has(base, what) {
		return base
	}
	h := hashOf(base, what)
	f.before[h] = commit{base, what}
	return h
}

// has reports whether a commit was made of something.
func (f *forge) has(at, what string) bool {
	for at != "" {
		c := f.before[at]
		if c.what == what {
			return true
		}
		at = c.base
	}
	return false
}

// contains reports whether a commit is another one or follows it.
func (f *forge) contains(at, old string) bool {
	for at != "" {
		if at == old {
			return true
		}
		at = f.before[at].base
	}
	return old == ""
}

// outcome is what a report came to; merged are the changes of a cycle that
// merged although others of it did not.
type outcome struct {
	source.Outcome
	merged []scheduler.ChangeKey
}

// report tells the forge something and lands what shall land, once for each
// identifier.
func (f *forge) report(t *tenant, e scheduler.Report, r source.Report) outcome {
	if out, ok := f.told[r.ID]; ok {
		f.s.covered["reports told again"]++
		return out
	}
	out := outcome{}
	if r.Submit {
		out = f.land(t, e, r)
		f.s.tell("landing of %s: %+v", itemsOf(r.Refs), out)
	}
	f.told[r.ID] = out
	return out
}

// land moves every branch of the report to its tested commit, or none.
func (f *forge) land(t *tenant, e scheduler.Report, r source.Report) (out outcome) {
	if out.Detail = f.refuses(r); out.Detail != "" {
		return out
	}
	tips := map[string]string{}
	for _, ref := range r.Refs {
		key := branchOf(ref)
		if _, ok := tips[key]; !ok {
			tips[key] = f.tips[key]
		}
		tips[key] = f.put(tips[key], ref.ID())
	}
	for _, ref := range r.Refs {
		tested := stateOf(r.Commits, ref)
		if tips[branchOf(ref)] != tested && !f.contains(f.tips[branchOf(ref)], tested) {
			out.Stale, out.Detail = true, fmt.Sprintf("%s is at %.7s", ref.Branch, f.tips[branchOf(ref)])
			return out
		}
	}
	t.watch.landing(e)
	if n := len(r.Refs) - 1; n > 0 && f.alone(r.Refs, n) && f.s.strikes("merge refused in part") {
		for _, ref := range r.Refs[:n] {
			f.merge(ref, tips[branchOf(ref)])
			out.merged = append(out.merged, ref.Key())
		}
		out.Detail = "The forge does not want the last one."
		return out
	}
	for _, ref := range r.Refs {
		f.merge(ref, tips[branchOf(ref)])
	}
	out.Merged = true
	return out
}

// alone reports whether the branch of a ref is that of no other.
func (f *forge) alone(refs []scheduler.Ref, n int) bool {
	return !slices.ContainsFunc(refs[:n], func(r scheduler.Ref) bool { return branchOf(r) == branchOf(refs[n]) })
}

// refuses says why the report may not land; empty when it may.
func (f *forge) refuses(r source.Report) string {
	for _, ref := range r.Refs {
		c := f.change(ref.Key())
		switch {
		case c == nil:
			return "There is no such change."
		case c.Patchset != ref.Patchset:
			return "Another patchset is current."
		case c.Merged:
			continue
		case !c.Open:
			return "The change is abandoned."
		case slices.Contains(c.MissingLabels, "Workflow"):
			return "The change has no positive vote for Workflow."
		}
		for _, n := range c.Needs {
			together := func(x scheduler.Ref) bool { return x.Key() == n.Change }
			if p := f.change(n.Change); n.Parent && p != nil && !p.Merged && !slices.ContainsFunc(r.Refs, together) {
				return "The change is based on one that has not merged."
			}
		}
	}
	if f.s.strikes("merge refused") {
		return "The forge does not want to."
	}
	return ""
}

// merge puts a change on its branch, which then is at the commit.
func (f *forge) merge(ref scheduler.Ref, tip string) {
	c := f.change(ref.Key())
	if c.Merged {
		return
	}
	if f.landed[ref.Key()] {
		f.s.fail("P12 once", "%s merged twice", ref)
	}
	f.landed[ref.Key()] = true
	f.s.covered["landings"]++
	c.Merged, c.Open = true, false
	old := f.tips[branchOf(ref)]
	f.tips[branchOf(ref)] = tip
	config := f.configures(ref)
	if config {
		f.layout++
	}
	f.happen("change-merged", c, nil)
	f.moved(ref, old, config)
}

// configures says which changes touch configuration.
func (f *forge) configures(r scheduler.Ref) bool { return r.Number%7 == 3 }

// load answers with the configuration as it is now.
func (x *part) load(f scheduler.LoadLayout) scheduler.Command {
	v := x.t.forge.layout
	if brokenLayout(v) || x.p.s.strikes("layout can't be read") {
		if x.loaded {
			return scheduler.LoadedLayout{Request: f.Request, Errors: 1} // the last one stays
		}
		v -= v % layoutVariants
	}
	x.loaded = true
	l := layoutOf(x.t, v)
	x.t.layouts[l.Hash] = v
	return scheduler.LoadedLayout{Request: f.Request, Layout: l}
}

// prepare merges as a real merger does: onto the state ahead, or onto the
// branches as they are.
func (x *part) prepare(f scheduler.PrepareItem) scheduler.Command {
	c := scheduler.PreparedItem{Item: f.Item, Buildset: f.Buildset, InPipeline: true, State: slices.Clone(f.Base)}
	forge := x.t.forge
	for _, r := range f.Refs {
		if slices.ContainsFunc(f.BaseRefs, func(b scheduler.Ref) bool { return (b.Number*7+r.Number)%29 == 0 && b.IsChange() }) {
			c.Conflict, c.Detail = true, "conflicts"
			return c
		}
		i := slices.IndexFunc(c.State, func(o scheduler.RepoCommit) bool { return o.Project == r.Project && o.Branch == r.Branch })
		if i < 0 {
			tip := forge.tips[branchOf(r)]
			c.State = append(c.State, scheduler.RepoCommit{Project: r.Project, Branch: r.Branch, Commit: tip, Base: tip})
			i = len(c.State) - 1
		}
		if !r.IsChange() {
			c.State[i].Commit = r.NewRev
			continue
		}
		c.State[i].Commit = forge.put(c.State[i].Commit, r.ID())
		if r.Number%5 == 0 {
			c.Warnings = append(c.Warnings, "an old word")
		}
		if r.Number%13 == 0 {
			c.ConfigErrors = append(c.ConfigErrors, "no such job")
		}
	}
	if f.Live && len(c.ConfigErrors) == 0 {
		c.Graph = graphOf(x.t.layouts[f.Layout], f.Pipeline, f.Refs)
	}
	return c
}

func stateOf(state []scheduler.RepoCommit, r scheduler.Ref) string {
	for _, c := range state {
		if c.Project == r.Project && c.Branch == r.Branch {
			return c.Commit
		}
	}
	return ""
}
