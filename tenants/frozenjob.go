package tenants

import (
	"encoding/json"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// freezeJob is a job as the scheduler and the executor know it.
func (l *Layout) freezeJob(a *applied) scheduler.FrozenJob {
	f := scheduler.FrozenJob{
		Name: a.Name, Voting: a.Voting.Or(true), HoldFollowing: a.HoldFollowing.Value, Dependencies: a.Dependencies.Value,
		Provides: a.Provides.Value, Requires: a.Requires.Value,
		Attempts: a.Attempts.Or(defaultAttempts), Timeout: a.Timeout.Value, PostTimeout: a.PostTimeout.Value,
		RequiredProjects: a.RequiredProjects.Value, OverrideCheckout: a.OverrideCheckout.Value,
		Description: a.Description.Value, SuccessMessage: a.SuccessMessage.Value, FailureMessage: a.FailureMessage.Value,
		FailureOutput: slices.Sorted(slices.Values(a.FailureOutput.Value)),
		PreRun:        frozenPlaybooks(a.PreRun.Value), Run: frozenPlaybooks(a.Run.Value),
		PostRun: frozenPlaybooks(slices.Concat(a.PostRun.Value, a.CleanupRun.Value)),
		Source:  l.jobs[a.Name][0].Source.String(),
	}
	for _, s := range a.Semaphores.Value {
		f.Semaphores = append(f.Semaphores, s.Name)
		if s.ResourcesFirst {
			f.ResourcesFirst = append(f.ResourcesFirst, s.Name)
		}
	}
	if vars := a.ExtraVars.Value.over(a.Vars.Value); !vars.IsZero() {
		f.Vars = vars.JSON()
	}
	for i, set := range l.demands(a) {
		if i == 0 {
			f.Nodeset = set
			continue
		}
		f.Alternatives = append(f.Alternatives, set)
	}
	return f
}

// demands are the nodesets of a job in the order they are tried.
func (l *Layout) demands(a *applied) []scheduler.Nodeset {
	if !a.Nodeset.Set {
		return nil
	}
	var out []scheduler.Nodeset
	for _, n := range l.NodesetAlternatives(a.Nodeset.Value) {
		out = append(out, n.frozen())
	}
	return out
}

func frozenPlaybooks(books []Playbook) []scheduler.Playbook {
	var out []scheduler.Playbook
	for _, p := range books {
		out = append(out, scheduler.Playbook{
			Project: p.Source.Project, Branch: p.Source.Branch, Path: p.Path,
			Trusted: p.Source.Trusted, Level: p.level, Cleanup: p.Cleanup, Semaphores: p.Semaphores,
		})
	}
	return out
}

// bookDigest is what a playbook is compared by: the line does not count.
type bookDigest struct {
	Project, Branch, File, Path string
	Cleanup                     bool
	Semaphores                  []scheduler.SemaphoreName
}

// digest identifies what a job does. File matchers and descriptions do not
// count (Zuul documentation, "Job: match-on-config-updates").
func (a *applied) digest(l *Layout) string {
	var books [4][]bookDigest
	for i, list := range [][]Playbook{a.PreRun.Value, a.Run.Value, a.PostRun.Value, a.CleanupRun.Value} {
		for _, p := range list {
			books[i] = append(books[i], bookDigest{string(p.Source.Project), p.Source.Branch, p.Source.Path, p.Path, p.Cleanup, p.Semaphores})
		}
	}
	return encode(
		a.Name, a.Branches.Names(), a.VariantDescription, a.Parent, a.OverrideCheckout, a.RequiredProjects, a.Semaphores,
		a.Vars.Value.JSON(), a.ExtraVars.Value.JSON(), a.HostVars.Value.JSON(), a.GroupVars.Value.JSON(), a.IncludeVars,
		a.Final.Value, a.Abstract.Value, a.Intermediate.Value, a.Protected, a.Voting.Or(true), a.Timeout, a.Attempts,
		sorted(a.Tags.Value), sorted(a.Provides.Value), sorted(a.Requires.Value), a.Dependencies.Value, a.Roles, books,
		a.PostReview.Value, a.ConfigUpdates.Or(true), a.Deduplicate.Or("auto"), sorted(a.FailureOutput.Value), l.demands(a),
		a.ImageBuildName, a.AnsibleVersion, a.AnsibleSplitStreams, a.WorkspaceScheme, a.WorkspaceCheckout,
	)
}

// encode renders values for comparison.
func encode(values ...any) string {
	text, err := json.Marshal(values)
	if err != nil { // all that a job holds has an encoding
		panic("encode a job: " + err.Error())
	}
	return string(text)
}

func sorted(words []string) []string { return slices.Sorted(slices.Values(words)) }
