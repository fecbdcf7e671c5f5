package tenants

import (
	"github.com/gozer-ci/gozer/scheduler"
)

// Layout is the configuration of a tenant, complete and checked. It is
// immutable and safe for concurrent use.
type Layout struct {
	tenant   *Tenant
	branches []branchConfig
	hash     scheduler.Hash
	core     *scheduler.Layout

	pipelines  []*Pipeline
	jobs       map[scheduler.JobName][]*Job
	jobOrder   []scheduler.JobName
	templates  map[string][]*ProjectStanza
	projects   map[scheduler.ProjectName][]*ProjectStanza
	queues     map[scheduler.QueueName]*Queue
	nodesets   map[string]*Nodeset
	semaphores map[scheduler.SemaphoreName]*Semaphore
	nodes      providers
	secrets    map[string]*Secret
	problems   Diagnostics
}
