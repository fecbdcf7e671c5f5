package scheduler

import (
	"encoding/json"
	"slices"
	"time"
)

// JobGraph is the frozen set of jobs of one item: an immutable value,
// identified by Hash. Package tenants freezes it.
type JobGraph struct {
	Hash Hash
	// Jobs in configuration order; their keys are unique.
	Jobs     []FrozenJob
	FailFast bool
	// Warnings of the configuration, to be told in the report.
	Warnings []string
}

// FrozenJob is a job with all its variants applied: everything that a build
// of it needs besides the repositories.
type FrozenJob struct {
	Name JobName
	// Ref is the index, among the item's refs, of the one that the job tests.
	// Of an item that holds a dependency cycle every ref has its own jobs.
	Ref int
	// Shared lists further refs of the item that the same build serves: equal
	// jobs of a cycle are deduplicated.
	Shared       []int
	Voting       bool
	Dependencies []JobDependency
	// HoldFollowing keeps the jobs of items behind waiting until this one has
	// succeeded.
	HoldFollowing bool
	// Semaphores in name order.
	Semaphores []SemaphoreName
	// ResourcesFirst are those of Semaphores that are taken only once the job
	// has its nodes.
	ResourcesFirst []SemaphoreName
	// Provides and Requires name artifacts that pass from the jobs of a change
	// to those of the changes behind it.
	Provides []string
	Requires []string
	Attempts int // at most this many runs; at least 1
	// Timeout of pre-run and run together, PostTimeout of each post-run
	// playbook; 0 is none.
	Timeout     time.Duration
	PostTimeout time.Duration
	// Nodeset is tried first, Alternatives follow in order where it can't be had.
	Nodeset      Nodeset
	Alternatives []Nodeset
	PreRun       []Playbook
	Run          []Playbook
	PostRun      []Playbook
	// RequiredProjects beside the item's own, by canonical name.
	RequiredProjects []RequiredProject
	// Vars is a JSON object; nil is empty.
	Vars             json.RawMessage
	OverrideCheckout string
	Description      string
	// SuccessMessage and FailureMessage replace the result word in reports.
	SuccessMessage string
	FailureMessage string
	// FailureOutput are expressions that, found in the job's output, make it a
	// failure at once.
	FailureOutput []string
	// Source is where the first variant stands, as project@branch:path:line.
	Source string
}

// LeftJob is a job that a project asks for in a pipeline and that is not in an
// item's graph, with the reason.
type LeftJob struct {
	Job JobName
	Ref int // as FrozenJob.Ref
	Why string
}

// JobKey identifies a job of an item: its name and the index of the ref that
// it tests.
type JobKey struct {
	Name JobName
	Ref  int
}

// Key identifies the job within its graph.
func (j *FrozenJob) Key() JobKey { return JobKey{j.Name, j.Ref} }

// Serves reports whether a build of the job tests the item's i-th ref.
func (j *FrozenJob) Serves(i int) bool { return j.Ref == i || slices.Contains(j.Shared, i) }

// Noop reports whether the job succeeds without an executor.
func (j *FrozenJob) Noop() bool { return j.Name == "noop" }

// JobDependency is an edge of the job graph.
type JobDependency struct {
	Name JobName
	// Ref is the index of the ref whose job is meant.
	Ref  int
	Soft bool
}

// Key identifies the job that is depended on.
func (d JobDependency) Key() JobKey { return JobKey{d.Name, d.Ref} }

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
	// Level is the number of definitions and variants below the one that names
	// it, 0 at the base job. A post-run playbook runs only when pre-run got as
	// far.
	Level   int
	Cleanup bool
	// Semaphores are held while the playbook runs.
	Semaphores []SemaphoreName
}

// RequiredProject is a repository that a job wants in its workspace.
type RequiredProject struct {
	Project          ProjectName
	OverrideCheckout string
}

// Job returns the first job called name, or nil.
func (g *JobGraph) Job(name JobName) *FrozenJob {
	for i := range g.Jobs {
		if g.Jobs[i].Name == name {
			return &g.Jobs[i]
		}
	}
	return nil
}
