package tenants

import "github.com/gozer-ci/gozer/scheduler"

// Semaphore limits how many jobs run at once.
type Semaphore struct {
	Name   scheduler.SemaphoreName
	Source Source
	Max    int
}

var semaphoreSchema = &schema[Semaphore]{noun: "semaphore", attrs: []attribute[Semaphore]{
	must(column("name", func(s *Semaphore) *scheduler.SemaphoreName { return &s.Name }, named[scheduler.SemaphoreName])),
	column("max", func(s *Semaphore) *int { return &s.Max }, atLeast(1)),
}}

func (d *decoder) semaphore(v *node) (*Semaphore, bool) {
	s := &Semaphore{Source: d.source(v), Max: 1}
	return s, semaphoreSchema.decode(d, v, s)
}
