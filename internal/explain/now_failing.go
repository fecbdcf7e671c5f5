package explain

import (
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// verdict says why the item can't succeed.
func (n *now) verdict(it *scheduler.Item) []string {
	if len(it.Failing) == 0 {
		return nil
	}
	var out []string
	for _, text := range failing(it.Failing, n.failedJobs(it)) {
		if blame := n.failingNeeded(it); blame != "" && strings.Contains(text, "needed change") {
			text += ": " + blame
		}
		out = append(out, "It can't succeed: "+text+".")
	}
	return out
}

func (n *now) failedJobs(it *scheduler.Item) []string {
	if it.Buildset == nil {
		return nil
	}
	var out []string
	for _, r := range it.Buildset.Jobs {
		if r.Job.Voting && r.Failed() {
			out = append(out, jobName(it.Refs, r.Job.Key())+" ended with "+string(r.Result()))
		}
	}
	return out
}

// failingNeeded names what the item needs and can't succeed.
func (n *now) failingNeeded(it *scheduler.Item) string {
	var out []string
	for _, x := range n.s.NeededIn(it) {
		if len(x.Failing) > 0 {
			out = append(out, nameRefs(x.Refs)+" ("+strings.Join(failing(x.Failing, n.failedJobs(x)), "; ")+")")
		}
	}
	slices.Sort(out)
	return enumerate(slices.Compact(out))
}
