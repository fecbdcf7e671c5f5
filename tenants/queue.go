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

var queueSchema = &schema[Queue]{noun: "queue", attrs: []attribute[Queue]{
	must(column("name", func(q *Queue) *scheduler.QueueName { return &q.Name }, named[scheduler.QueueName])),
	column("per-branch", func(q *Queue) *bool { return &q.PerBranch }, (*decoder).boolean),
	column("allow-circular-dependencies", func(q *Queue) *bool { return &q.AllowCircularDependencies }, (*decoder).boolean),
	column("dependencies-by-topic", func(q *Queue) *bool { return &q.DependenciesByTopic }, (*decoder).boolean),
}}

func (d *decoder) queue(v *node) (*Queue, bool) {
	q := &Queue{Source: d.source(v)}
	if !queueSchema.decode(d, v, q) {
		return nil, false
	}
	if q.DependenciesByTopic && !q.AllowCircularDependencies {
		return nil, d.hinted(v.get("dependencies-by-topic"), CodeBadValue, "set it to true as well", "dependencies-by-topic needs allow-circular-dependencies")
	}
	return q, true
}
