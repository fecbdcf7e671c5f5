package tenants

import (
	"slices"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

const (
	idleAnsible   = "Ansible is not run yet"
	idleWorkspace = "the workspace has its default form yet"
)

func joinVars(below, above Vars) Vars { return above.over(below) }

func joinBefore[T any](old, add []T) []T { return slices.Concat(add, old) }

func joinAfter[T any](old, add []T) []T { return slices.Concat(old, add) }

// controllable are the attributes that attribute-control may name.
var controllable = []string{
	"requires", "provides", "tags", "files", "irrelevant-files", "required-projects", "vars", "extra-vars",
	"host-vars", "group-vars", "include-vars", "dependencies", "failure-output",
}

// jobAttrs is the table of all attributes of a job but its name.
var jobAttrs = append(newerJobAttrs(), []jobAttr{
	field("parent", executionAttr, func(j *Job) *Attr[scheduler.JobName] { return &j.Parent }, (*decoder).jobParent),
	field("description", contextAttr, func(j *Job) *Attr[string] { return &j.Description }, (*decoder).text),
	field("variant-description", ownAttr, func(j *Job) *Attr[string] { return &j.VariantDescription }, (*decoder).text),
	field("branches", ownAttr, func(j *Job) *Attr[[]scheduler.Pattern] { return &j.branches }, (*decoder).patterns),
	field("attribute-control", ownAttr, func(j *Job) *Attr[[]string] { return &j.control }, (*decoder).attributeControl),

	raised("final", contextAttr, func(j *Job) *Attr[bool] { return &j.Final }),
	raised("protected", contextAttr, func(j *Job) *Attr[bool] { return &j.Protected }),
	field("abstract", ownAttr, func(j *Job) *Attr[bool] { return &j.Abstract }, (*decoder).boolean),
	field("intermediate", ownAttr, func(j *Job) *Attr[bool] { return &j.Intermediate }, (*decoder).boolean),
	raised("post-review", executionAttr, func(j *Job) *Attr[bool] { return &j.PostReview }),

	field("voting", contextAttr, func(j *Job) *Attr[bool] { return &j.Voting }, (*decoder).boolean),
	field("hold-following-changes", contextAttr, func(j *Job) *Attr[bool] { return &j.HoldFollowing }, (*decoder).boolean),
	field("match-on-config-updates", contextAttr, func(j *Job) *Attr[bool] { return &j.ConfigUpdates }, (*decoder).boolean),
	field("success-message", contextAttr, func(j *Job) *Attr[string] { return &j.SuccessMessage }, (*decoder).text),
	field("failure-message", contextAttr, func(j *Job) *Attr[string] { return &j.FailureMessage }, (*decoder).text),
	field("deduplicate", contextAttr, func(j *Job) *Attr[string] { return &j.Deduplicate }, (*decoder).trueFalseAuto),

	joined("files", contextAttr, func(j *Job) *Attr[[]scheduler.Pattern] { return &j.Files }, (*decoder).patterns, mergeOverride, joinAfter),
	joined("irrelevant-files", contextAttr, func(j *Job) *Attr[[]scheduler.Pattern] { return &j.IrrelevantFiles }, (*decoder).patterns, mergeOverride, joinAfter),
	joined("dependencies", contextAttr, func(j *Job) *Attr[[]scheduler.JobDependency] { return &j.Dependencies }, (*decoder).dependencies, mergeOverride, joinDependencies),
	joined("tags", contextAttr, func(j *Job) *Attr[[]string] { return &j.Tags }, (*decoder).wordSet, mergeInherit, union),
	joined("provides", contextAttr, func(j *Job) *Attr[[]string] { return &j.Provides }, (*decoder).wordSet, mergeInherit, union),
	joined("requires", contextAttr, func(j *Job) *Attr[[]string] { return &j.Requires }, (*decoder).wordSet, mergeInherit, union),

	field("timeout", executionAttr, func(j *Job) *Attr[time.Duration] { return &j.Timeout }, (*decoder).timeout),
	field("post-timeout", executionAttr, func(j *Job) *Attr[time.Duration] { return &j.PostTimeout }, (*decoder).timeout),
	field("attempts", executionAttr, func(j *Job) *Attr[int] { return &j.Attempts }, atLeast(1)),
	field("nodeset", executionAttr, func(j *Job) *Attr[NodesetRef] { return &j.Nodeset }, (*decoder).nodesetRef),
	joined("semaphores", executionAttr, func(j *Job) *Attr[[]JobSemaphore] { return &j.Semaphores }, (*decoder).jobSemaphores, mergeInherit, joinSemaphores),
	joined("semaphore", executionAttr, func(j *Job) *Attr[[]JobSemaphore] { return &j.Semaphores }, (*decoder).jobSemaphores, mergeInherit, joinSemaphores).alias(),
	joined("required-projects", executionAttr, func(j *Job) *Attr[[]scheduler.RequiredProject] { return &j.RequiredProjects }, listOf((*decoder).requiredProject), mergeInherit, joinRequired),
	joined("allowed-projects", executionAttr, func(j *Job) *Attr[[]scheduler.ProjectName] { return &j.AllowedProjects }, (*decoder).projectNames, mergeInherit, intersection),
	field("override-checkout", executionAttr, func(j *Job) *Attr[string] { return &j.OverrideCheckout }, (*decoder).word),
	field("override-branch", executionAttr, func(j *Job) *Attr[string] { return &j.OverrideCheckout }, (*decoder).word).alias(),

	joined("vars", executionAttr, func(j *Job) *Attr[Vars] { return &j.Vars }, (*decoder).vars, mergeInherit, joinVars),
	joined("extra-vars", executionAttr, func(j *Job) *Attr[Vars] { return &j.ExtraVars }, (*decoder).vars, mergeInherit, joinVars),
	joined("host-vars", executionAttr, func(j *Job) *Attr[Vars] { return &j.HostVars }, (*decoder).varsByName, mergeInherit, joinVars).without(idleAnsible),
	joined("group-vars", executionAttr, func(j *Job) *Attr[Vars] { return &j.GroupVars }, (*decoder).varsByName, mergeInherit, joinVars).without(idleAnsible),
	joined("include-vars", executionAttr, func(j *Job) *Attr[[]IncludeVars] { return &j.IncludeVars }, listOf((*decoder).includeVars), mergeInherit, union).without("files of variables are not read yet"),

	field("run", executionAttr, func(j *Job) *Attr[[]Playbook] { return &j.Run }, (*decoder).playbooks),
	joined("pre-run", executionAttr, func(j *Job) *Attr[[]Playbook] { return &j.PreRun }, (*decoder).playbooks, mergeInherit, joinAfter),
	joined("post-run", executionAttr, func(j *Job) *Attr[[]Playbook] { return &j.PostRun }, (*decoder).playbooks, mergeInherit, joinBefore),
	joined("cleanup-run", executionAttr, func(j *Job) *Attr[[]Playbook] { return &j.CleanupRun }, (*decoder).cleanupPlaybooks, mergeInherit, joinBefore),
	joined("roles", executionAttr, func(j *Job) *Attr[[]Role] { return &j.Roles }, (*decoder).roles, mergeInherit, func(old, add []Role) []Role { return union(add, old) }).without(idleAnsible),
	field("secrets", ownAttr, func(j *Job) *Attr[[]JobSecret] { return &j.Secrets }, (*decoder).jobSecrets),
	joined("failure-output", executionAttr, func(j *Job) *Attr[[]string] { return &j.FailureOutput }, (*decoder).failureOutput, mergeInherit, union),

	field("ansible-version", executionAttr, func(j *Job) *Attr[string] { return &j.AnsibleVersion }, (*decoder).word).without(idleAnsible),
	field("ansible-split-streams", executionAttr, func(j *Job) *Attr[bool] { return &j.AnsibleSplitStreams }, (*decoder).boolean).without(idleAnsible),
	field("workspace-scheme", executionAttr, func(j *Job) *Attr[string] { return &j.WorkspaceScheme }, oneOf("golang", "flat", "unique")).without(idleWorkspace),
	field("workspace-checkout", executionAttr, func(j *Job) *Attr[string] { return &j.WorkspaceCheckout }, (*decoder).trueFalseAuto).without(idleWorkspace),
	field("image-build-name", executionAttr, func(j *Job) *Attr[string] { return &j.ImageBuildName }, (*decoder).word).without(idleImages),
	unused("success-url"),
	unused("failure-url"),
}...)
