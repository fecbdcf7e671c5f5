package web

import (
	"encoding/json"

	"github.com/gozer-ci/gozer/scheduler"
)

// JobVariant is one definition of a job, in the form of the API: every key is
// there, lists are never null, and pointers are null where the variant says
// nothing.
type JobVariant struct {
	Name                scheduler.JobName `json:"name"`
	Parent              *string           `json:"parent"`
	Description         *string           `json:"description"`
	VariantDescription  string            `json:"variant_description"`
	Branches            []string          `json:"branches"`
	Files               []Matcher         `json:"files"`
	IrrelevantFiles     []Matcher         `json:"irrelevant_files"`
	SourceContext       *SourceContext    `json:"source_context"`
	RequiredProjects    []RequiredProject `json:"required_projects"`
	Semaphores          []JobSemaphore    `json:"semaphores"`
	Variables           json.RawMessage   `json:"variables"`
	ExtraVariables      json.RawMessage   `json:"extra_variables"`
	HostVariables       json.RawMessage   `json:"host_variables"`
	GroupVariables      json.RawMessage   `json:"group_variables"`
	IncludeVars         []IncludeVars     `json:"include_vars"`
	Final               bool              `json:"final"`
	Abstract            bool              `json:"abstract"`
	Intermediate        bool              `json:"intermediate"`
	Protected           *bool             `json:"protected"`
	Voting              bool              `json:"voting"`
	Timeout             *int              `json:"timeout"` // seconds
	Tags                []string          `json:"tags"`
	Provides            []string          `json:"provides"`
	Requires            []string          `json:"requires"`
	Dependencies        []JobDependency   `json:"dependencies"`
	Attempts            int               `json:"attempts"`
	Roles               []Role            `json:"roles"`
	Run                 []Playbook        `json:"run"`
	PreRun              []Playbook        `json:"pre_run"`
	PostRun             []Playbook        `json:"post_run"`
	CleanupRun          []Playbook        `json:"cleanup_run"`
	PostReview          *bool             `json:"post_review"`
	MatchOnConfig       bool              `json:"match_on_config_updates"`
	Deduplicate         any               `json:"deduplicate"` // true, false or "auto"
	FailureOutput       []string          `json:"failure_output"`
	ImageBuildName      *string           `json:"image_build_name"`
	AnsibleSplitStreams *bool             `json:"ansible_split_streams"`
	AnsibleVersion      *string           `json:"ansible_version"`
	WorkspaceScheme     string            `json:"workspace_scheme"`
	WorkspaceCheckout   any               `json:"workspace_checkout"` // true, false or "auto"
	OverrideCheckout    *string           `json:"override_checkout"`
	Nodeset             *Nodeset          `json:"nodeset,omitempty"`
	NodesetAlternatives []Nodeset         `json:"nodeset_alternatives,omitempty"`
}

// SourceContext is where something is configured.
type SourceContext struct {
	Project string  `json:"project"`
	Branch  *string `json:"branch"`
	Path    string  `json:"path"`
}

// Matcher is a regular expression.
type Matcher struct {
	Regex  string `json:"regex"`
	Negate bool   `json:"negate"`
}

// RequiredProject is a repository that a job wants.
type RequiredProject struct {
	ProjectName      scheduler.ProjectName `json:"project_name"`
	OverrideBranch   *string               `json:"override_branch"`
	OverrideCheckout *string               `json:"override_checkout"`
}

// JobSemaphore is a semaphore that a job holds.
type JobSemaphore struct {
	Name           scheduler.SemaphoreName `json:"name"`
	ResourcesFirst bool                    `json:"resources_first"`
}

// IncludeVars is a file of variables that a job reads.
type IncludeVars struct {
	Name                 string  `json:"name"`
	ProjectCanonicalName *string `json:"project_canonical_name"`
	Required             bool    `json:"required"`
	UseRef               bool    `json:"use_ref"`
}

// JobDependency is a job that has to end first.
type JobDependency struct {
	Name scheduler.JobName `json:"name"`
	Soft bool              `json:"soft"`
}

// Role is a repository with roles.
type Role struct {
	TargetName           string                `json:"target_name"`
	Type                 string                `json:"type"` // zuul
	ProjectCanonicalName scheduler.ProjectName `json:"project_canonical_name"`
	Implicit             bool                  `json:"implicit"`
}

// Playbook is a program or playbook of a phase.
type Playbook struct {
	Path          string              `json:"path"`
	Roles         []Role              `json:"roles"`
	Secrets       []JobSecret         `json:"secrets"`
	Semaphores    []PlaybookSemaphore `json:"semaphores"`
	Cleanup       bool                `json:"cleanup"`
	SourceContext *SourceContext      `json:"source_context"`
}

// JobSecret names a secret of a playbook, never its value.
type JobSecret struct {
	Name  string `json:"name"`
	Alias string `json:"alias"`
}

// PlaybookSemaphore is a semaphore that a playbook holds.
type PlaybookSemaphore struct {
	Name string `json:"name"`
}

// Nodeset is a demand for nodes.
type Nodeset struct {
	Name         string      `json:"name"`
	Nodes        []Node      `json:"nodes"`
	Groups       []NodeGroup `json:"groups"`
	Alternatives []struct{}  `json:"alternatives"` // always empty
}

// Node is one node of a nodeset. The keys that a definition cannot know are
// null.
type Node struct {
	ID         *string  `json:"id"`
	Name       string   `json:"name"`
	Aliases    []string `json:"aliases"`
	Label      string   `json:"label"`
	State      string   `json:"state"` // unknown
	HoldJob    *string  `json:"hold_job"`
	Comment    *string  `json:"comment"`
	UserData   *string  `json:"user_data"`
	TenantName *string  `json:"tenant_name"`
	Requestor  *string  `json:"requestor"`
}

// NodeGroup names several nodes.
type NodeGroup struct {
	Name  string   `json:"name"`
	Nodes []string `json:"nodes"`
}
