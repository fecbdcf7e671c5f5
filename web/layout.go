package web

import "github.com/gozer-ci/gozer/scheduler"

// Layout is what the API tells of one tenant's configuration.
type Layout interface {
	Projects() []Project // sorted by name
	// Project finds by short or canonical name; a Rejection conflict says
	// that the short name is ambiguous, not_found that there is none.
	Project(name string) (ProjectDetail, error)
	Pipelines() []PipelineInfo // configuration order
	Jobs() []JobInfo           // sorted by name
	// Job returns the variants in layout order; none for an unknown job.
	Job(name scheduler.JobName) []JobVariant
	ConfigErrors() []ConfigError
	Labels() []string            // sorted
	Semaphores() []SemaphoreInfo // sorted by name
}

// Project is one line of the list of projects.
type Project struct {
	Name       string
	Connection scheduler.ConnectionName
	Canonical  scheduler.ProjectName
	Trusted    bool
}

// PipelineInfo is a pipeline with the connections that trigger it.
type PipelineInfo struct {
	Name     scheduler.PipelineName
	Triggers []Trigger
}

// Trigger is a connection, or a kind of trigger without one, and its driver.
type Trigger struct{ Name, Driver string }

// SemaphoreInfo is a semaphore of the configuration.
type SemaphoreInfo struct {
	Name   scheduler.SemaphoreName
	Max    int
	Global bool
}

// ConfigError is one error or warning of the configuration.
type ConfigError struct {
	Project, Branch, Path string
	Severity              string // error or warning
	Name                  string
	Short, Text           string
}

// JobInfo is one line of the list of jobs.
type JobInfo struct {
	Name        scheduler.JobName
	Description string
	Variants    []JobVariantInfo
	Tags        []string
}

// JobVariantInfo tells what sets a variant apart.
type JobVariantInfo struct {
	Parent   string
	Branches []string
}
