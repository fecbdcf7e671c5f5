package tenants

import "github.com/gozer-ci/gozer/scheduler"

// Queue is a change queue that projects share by name.
type Queue struct {
	Name                      scheduler.QueueName
	Source                    Source
	PerBranch                 bool
	AllowCircularDependencies bool
	DependenciesByTopic       bool
}

const idleCycles = "changes that depend on each other are not tested together yet"

var queueSchema = &schema[Queue]{noun: "queue", attrs: []attribute[Queue]{
	must(column("name", func(q *Queue) *scheduler.QueueName { return &q.Name }, named[scheduler.QueueName])),
	column("per-branch", func(q *Queue) *bool { return &q.PerBranch }, (*decoder).boolean),
	idle(column("allow-circular-dependencies", func(q *Queue) *bool { return &q.AllowCircularDependencies }, (*decoder).boolean), idleCycles),
	idle(column("dependencies-by-topic", func(q *Queue) *bool { return &q.DependenciesByTopic }, (*decoder).boolean), idleCycles),
}}

func (d *decoder) queue(v *node) (*Queue, bool) {
	q := &Queue{Source: d.source(v)}
	if !queueSchema.decode(d, v, q) {
		return nil, false
	}
	if q.DependenciesByTopic && !q.AllowCircularDependencies {
		return nil, d.report(v, CodeBadValue, "dependencies-by-topic needs allow-circular-dependencies")
	}
	return q, true
}
