package schedtest

import (
	"strconv"

	"github.com/gozer-ci/gozer/scheduler"
)

// tenantVerbs take the tenant out of the tenant file and put it back, as the
// program does while it runs: a tenant that left has an empty layout.
var tenantVerbs = map[string]verbFunc{
	"remove-tenant": func(s *Scenario, _ []string) error {
		w := s.world()
		w.Layout = &scheduler.Layout{Hash: "empty"}
		w.Do(scheduler.Reconfigure{Reason: "the tenant was removed from the tenant file"})
		return nil
	},
	"return-tenant": func(s *Scenario, _ []string) error {
		w := s.world()
		layout := *s.layout
		w.Layout = &layout
		w.Do(scheduler.Reconfigure{Reason: "started"})
		return nil
	},
}

// tenantExpect counts the pipelines that there are: "expect pipelines 0".
var tenantExpect = map[string]verbFunc{
	"pipelines": func(s *Scenario, a []string) error { return same(strconv.Itoa(len(s.w.S.Pipelines)), a[0]) },
	"dequeued": func(s *Scenario, a []string) error {
		n := 0
		for _, e := range s.w.Events {
			if d, ok := e.(scheduler.ItemDequeued); ok && d.Result == scheduler.ResultDequeued {
				n++
			}
		}
		return same(strconv.Itoa(n), a[0])
	},
}
