package web

import "github.com/gozer-ci/gozer/scheduler"

// ProjectDetail is a project with its stanzas, in the form of the API.
type ProjectDetail struct {
	Name           string                   `json:"name"`
	ConnectionName scheduler.ConnectionName `json:"connection_name"`
	CanonicalName  scheduler.ProjectName    `json:"canonical_name"`
	Metadata       ProjectMetadata          `json:"metadata"`
	// Configs are the stanzas, each followed by the templates that it uses.
	Configs []ProjectStanza `json:"configs"`
}

// ProjectMetadata is what all stanzas together say.
type ProjectMetadata struct {
	MergeMode     string  `json:"merge_mode"`
	DefaultBranch string  `json:"default_branch"`
	IsTemplate    bool    `json:"is_template"` // false
	QueueName     *string `json:"queue_name"`
}

// ProjectStanza is one project or template of the configuration.
type ProjectStanza struct {
	SourceContext *SourceContext    `json:"source_context"`
	DefaultBranch *string           `json:"default_branch"`
	MergeMode     *string           `json:"merge_mode"`
	IsTemplate    bool              `json:"is_template"`
	Templates     []string          `json:"templates"`
	QueueName     *string           `json:"queue_name"`
	Pipelines     []ProjectPipeline `json:"pipelines"` // sorted by name
}

// ProjectPipeline lists the jobs of a stanza in a pipeline: one list of
// variants for each job name, in configuration order.
type ProjectPipeline struct {
	Name scheduler.PipelineName `json:"name"`
	Jobs [][]JobVariant         `json:"jobs"`
}
