package web

import "github.com/gozer-ci/gozer/scheduler"

type semaphoreDoc struct {
	Name    scheduler.SemaphoreName `json:"name"`
	Global  bool                    `json:"global"`
	Max     int                     `json:"max"`
	Holders semaphoreHolders        `json:"holders"`
}

type semaphoreHolders struct {
	Count        int               `json:"count"`
	ThisTenant   []semaphoreHolder `json:"this_tenant"`
	OtherTenants int               `json:"other_tenants"`
}

type semaphoreHolder struct {
	BuildsetUUID scheduler.BuildsetID `json:"buildset_uuid"`
	JobName      scheduler.JobName    `json:"job_name"`
}

// getSemaphores lists semaphores and who holds them.
func (s *Server) getSemaphores(c *call) error {
	held := make(map[scheduler.SemaphoreName][]semaphoreHolder)
	err := s.deps.Live.View(c.tenant, func(state *scheduler.State, _ uint64) {
		for name, holders := range state.Holders {
			for _, h := range holders {
				held[name] = append(held[name], semaphoreHolder{h.Buildset, h.Job})
			}
		}
	})
	if err != nil {
		return notReady(c.tenant)
	}
	list := []semaphoreDoc{}
	for _, sem := range s.deps.Layouts.Layout(c.tenant).Semaphores() {
		holders := orEmpty(held[sem.Name])
		list = append(list, semaphoreDoc{sem.Name, sem.Global, sem.Max, semaphoreHolders{Count: len(holders), ThisTenant: holders}})
	}
	return c.json(list)
}
