package tenants

import "slices"

// refs are the refs that the job serves, its own first.
func (c *candidate) refs() []int { return append([]int{c.frozen.Ref}, c.frozen.Shared...) }

// deduplicate lets one build serve several refs of a dependency cycle where
// their jobs are the same (Zuul documentation, "Job: deduplicate"). The job of
// the triggering ref stands for the others; it runs if one of them would.
func (f *freezer) deduplicate() {
	if len(f.refs) < 2 {
		return
	}
	groups := map[string][]*candidate{}
	for _, c := range f.jobs {
		key := c.work()
		groups[key] = append(groups[key], c)
	}
	gone := map[*candidate]bool{}
	for _, c := range f.jobs {
		if gone[c] {
			continue
		}
		same := []*candidate{c}
		for _, o := range groups[c.work()] {
			if o != c && !gone[o] && f.combines(c, o) {
				same = append(same, o)
			}
		}
		f.combine(same, gone)
	}
	f.jobs = slices.DeleteFunc(f.jobs, func(c *candidate) bool { return gone[c] })
}

// combine makes one job of several and notes which are gone.
func (f *freezer) combine(same []*candidate, gone map[*candidate]bool) {
	primary := same[0]
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

// combines reports whether one build can serve both of two jobs that do the
// same. By default that takes a sign that the job looks at more than one
// project anyway.
func (f *freezer) combines(a, b *candidate) bool {
	switch a.job.Deduplicate.Or("auto") {
	case "true":
		return true
	case "false":
		return false
	}
	return len(a.frozen.RequiredProjects) > 0 || f.refs[a.frozen.Ref].Project == f.refs[b.frozen.Ref].Project
}

// work identifies all that a build of the job would see of it. Where it is
// defined and how it is described does not count.
func (c *candidate) work() string {
	if c.same == "" {
		j := c.frozen
		j.Ref, j.Shared, j.Description, j.Source = 0, nil, "", ""
		j.Provides, j.Requires = sorted(j.Provides), sorted(j.Requires)
		a := c.job
		c.same = encode(
			j, a.Deduplicate.Or("auto"), sorted(a.Tags.Value), a.HostVars.Value.JSON(), a.GroupVars.Value.JSON(), a.IncludeVars.Value,
			a.Roles.Value, a.AnsibleVersion, a.AnsibleSplitStreams, a.WorkspaceScheme, a.WorkspaceCheckout, a.ImageBuildName,
		)
	}
	return c.same
}
