package tenants

import (
	"slices"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Job is one definition of a job: the first of its name or a variant. Unset
// attributes are inherited. It is immutable once it was loaded.
type Job struct {
	Name   scheduler.JobName
	Source Source
	// Parent is the job inherited from; empty and set is a base job.
	Parent             Attr[scheduler.JobName]
	Description        Attr[string]
	VariantDescription Attr[string]
	// Branches limit the definition.
	Branches BranchMatcher

	Final, Protected, Abstract, Intermediate Attr[bool]
	Voting, HoldFollowing, ConfigUpdates     Attr[bool]
	PostReview                               Attr[bool]
	Timeout, PostTimeout                     Attr[time.Duration]
	Attempts                                 Attr[int]
	Files, IrrelevantFiles                   Attr[[]scheduler.Pattern]
	Dependencies                             Attr[[]scheduler.JobDependency]
	Nodeset                                  Attr[NodesetRef]
	Semaphores                               Attr[[]JobSemaphore]
	RequiredProjects                         Attr[[]scheduler.RequiredProject]
	AllowedProjects                          Attr[[]scheduler.ProjectName]
	OverrideCheckout                         Attr[string]
	Tags, Provides, Requires                 Attr[[]string]
	Vars, ExtraVars, HostVars, GroupVars     Attr[Vars]
	PreRun, Run, PostRun, CleanupRun         Attr[[]Playbook]
	Roles                                    Attr[[]Role]
	Secrets                                  Attr[[]JobSecret]
	IncludeVars                              Attr[[]IncludeVars]
	SuccessMessage, FailureMessage           Attr[string]
	FailureOutput                            Attr[[]string]
	AnsibleVersion, ImageBuildName           Attr[string]
	AnsibleSplitStreams                      Attr[bool]
	WorkspaceScheme                          Attr[string]
	// WorkspaceCheckout and Deduplicate are "true", "false" or "auto".
	WorkspaceCheckout, Deduplicate Attr[string]

	// branches are the patterns as written; Branches follow from them.
	branches Attr[[]scheduler.Pattern]
	// control names the attributes that inheriting jobs may not change.
	control Attr[[]string]
	// variant says that it stands in a project's pipeline.
	variant bool
}

// Playbook is a program or playbook that a job definition names.
type Playbook struct {
	Path   string
	Source Source
	// Cleanup playbooks run even when the build was aborted.
	Cleanup bool
	// Semaphores in name order.
	Semaphores []scheduler.SemaphoreName
	// level is the number of definitions that were applied before the one that
	// named it.
	level int
}

// JobSemaphore is a semaphore that a job holds while it runs.
type JobSemaphore struct {
	Name           scheduler.SemaphoreName
	ResourcesFirst bool
}

// JobSecret is a secret that a job asks for, under the name Alias.
type JobSecret struct {
	Name, Alias  string
	PassToParent bool
}

// Role is a repository with roles for Ansible.
type Role struct {
	TargetName string
	Project    scheduler.ProjectName
	// Implicit roles are those of the repository that defines the job.
	Implicit bool
}

// IncludeVars is a file of variables that a build reads.
type IncludeVars struct {
	Name     string
	Project  scheduler.ProjectName // empty for the item's own
	Required bool
	UseRef   bool
}

// defaultAttempts is how often a job runs at most, unless it says.
const defaultAttempts = 3

// playbookSemaphores are those that some playbook of the job takes.
func (j *Job) playbookSemaphores() []scheduler.SemaphoreName {
	var names []scheduler.SemaphoreName
	for _, p := range slices.Concat(j.PreRun.Value, j.Run.Value, j.PostRun.Value, j.CleanupRun.Value) {
		names = append(names, p.Semaphores...)
	}
	return names
}

// IsBase reports whether the job has no parent.
func (j *Job) IsBase() bool { return j.Parent.Set && j.Parent.Value == "" }

// ImplicitRole is the repository that defines the job; ok is false for
// variants in a project's pipeline, which bring none.
func (j *Job) ImplicitRole() (r Role, ok bool) {
	if j.variant || j.Source.Project == "" {
		return Role{}, false
	}
	return Role{TargetName: lastPart(string(j.Source.Project)), Project: j.Source.Project, Implicit: true}, true
}

// noopJob is the built-in job that always succeeds.
func noopJob() *Job {
	return &Job{
		Name: "noop", Parent: some(scheduler.JobName("")),
		Description: some("A job that always succeeds and runs nowhere."),
		Deduplicate: some("true"),
	}
}
