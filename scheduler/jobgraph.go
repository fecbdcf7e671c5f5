package scheduler

import (
	"encoding/json"
	"time"
)

// JobGraph is the frozen set of jobs of one item: an immutable value,
// identified by Hash. Package tenants freezes it.
type JobGraph struct {
	Hash Hash
	// Jobs in configuration order; names are unique.
	Jobs     []FrozenJob
	FailFast bool
	// Warnings of the configuration, to be told in the report.
	Warnings []string
}

// FrozenJob is a job with all its variants applied: everything that a build
// of it needs besides the repositories.
type FrozenJob struct {
	Name         JobName
	Voting       bool
	Dependencies []JobDependency
	// HoldFollowing keeps the jobs of items behind waiting until this one has
	// succeeded.
	HoldFollowing bool
	// Semaphores in name order.
	Semaphores []SemaphoreName
	Attempts   int // at most this many runs; at least 1
	// Timeout of pre-run and run together, PostTimeout of each post-run
	// playbook; 0 is none.
	Timeout     time.Duration
	PostTimeout time.Duration
	Nodeset     Nodeset
	PreRun      []Playbook
	Run         []Playbook
	PostRun     []Playbook
	// RequiredProjects beside the item's own, by canonical name.
	RequiredProjects []RequiredProject
	// Vars is a JSON object; nil is empty.
	Vars             json.RawMessage
	OverrideCheckout string
	Description      string
	// SuccessMessage and FailureMessage replace the result word in reports.
	SuccessMessage string
	FailureMessage string
	// Source is where the first variant stands, as project@branch:path:line.
	Source string
}

// Noop reports whether the job succeeds without an executor.
func (j *FrozenJob) Noop() bool { return j.Name == "noop" }

// JobDependency is an edge of the job graph.
type JobDependency struct {
	Name JobName
	Soft bool
}

// Nodeset is the demand of a job for nodes.
type Nodeset struct {
	Name  string
	Nodes []Node
}

// Node is one node of a nodeset.
type Node struct {
	Name  string
	Label string
}

// Playbook is a program or playbook of a phase.
type Playbook struct {
	Project ProjectName
	Branch  string
	Path    string
	// Trusted playbooks come from a config-project.
	Trusted bool
	// Level is the depth in the inheritance chain, 0 at the base job. A
	// post-run playbook runs only when pre-run got as deep.
	Level   int
	Cleanup bool
}

// RequiredProject is a repository that a job wants in its workspace.
type RequiredProject struct {
	Project          ProjectName
	OverrideCheckout string
}

// Job returns the job called name, or nil.
func (g *JobGraph) Job(name JobName) *FrozenJob {
	for i := range g.Jobs {
		if g.Jobs[i].Name == name {
			return &g.Jobs[i]
		}
	}
	return nil
}
