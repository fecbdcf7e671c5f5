package tenants

import (
	"reflect"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// refs are the refs that the job serves, its own first.
func (c *candidate) refs() []int { return append([]int{c.frozen.Ref}, c.frozen.Shared...) }

// deduplicate lets one build serve several refs of a dependency cycle where
// their jobs are the same (Zuul documentation, "Job: deduplicate"). The job of
// the triggering ref stands for the others; it runs if one of them would.
func (f *freezer) deduplicate() {
	gone := map[*candidate]bool{}
	for i, c := range f.jobs {
		if gone[c] {
			continue
		}
		same := []*candidate{c}
		for _, o := range f.jobs[i+1:] {
			if !gone[o] && f.combines(c, o) {
				same = append(same, o)
			}
		}
		primary := c
		if i := slices.IndexFunc(same, func(o *candidate) bool { return f.refs[o.frozen.Ref].Trigger }); i >= 0 {
			primary = same[i]
		}
		for _, o := range same {
			if o != primary {
				gone[o] = true
				primary.frozen.Shared = append(primary.frozen.Shared, o.frozen.Ref)
				primary.run = primary.run || o.run
			}
		}
	}
	f.jobs = slices.DeleteFunc(f.jobs, func(c *candidate) bool { return gone[c] })
}

// combines reports whether one build can serve both jobs. By default that
// takes a sign that the job looks at more than one project anyway.
func (f *freezer) combines(a, b *candidate) bool {
	mode := a.job.Deduplicate.Or("auto")
	if a.frozen.Ref == b.frozen.Ref || a.frozen.Name != b.frozen.Name || mode == "false" || !sameWork(a, b) {
		return false
	}
	return mode == "true" || len(a.frozen.RequiredProjects) > 0 || f.refs[a.frozen.Ref].Project == f.refs[b.frozen.Ref].Project
}

// sameWork compares all that a build of the jobs would see of them. Where they
// are defined and how they are described does not count.
func sameWork(a, b *candidate) bool {
	return reflect.DeepEqual(a.frozenWork(), b.frozenWork()) && reflect.DeepEqual(a.idleWork(), b.idleWork())
}

func (c *candidate) frozenWork() scheduler.FrozenJob {
	j := c.frozen
	j.Ref, j.Shared, j.Description, j.Source = 0, nil, "", ""
	j.Provides, j.Requires = sorted(j.Provides), sorted(j.Requires)
	return j
}

// idleWork is what is not in scheduler.FrozenJob.
func (c *candidate) idleWork() []any {
	j := c.job
	return []any{
		j.Deduplicate.Or("auto"), sorted(j.Tags.Value), string(j.HostVars.Value.JSON()), string(j.GroupVars.Value.JSON()),
		j.IncludeVars.Value, j.Roles.Value, j.AnsibleVersion, j.AnsibleSplitStreams, j.WorkspaceScheme, j.WorkspaceCheckout, j.ImageBuildName,
	}
}
