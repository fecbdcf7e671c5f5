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
		h := semaphoreHolders{ThisTenant: orEmpty(held[sem.Name])}
		if sem.Global {
			h.OtherTenants = s.holdersElsewhere(c.tenant, sem.Name)
		}
		h.Count = len(h.ThisTenant) + h.OtherTenants
		list = append(list, semaphoreDoc{sem.Name, sem.Global, sem.Max, h})
	}
	return c.json(list)
}

// holdersElsewhere counts the holders of a global semaphore in other tenants,
// of which nothing else is told.
func (s *Server) holdersElsewhere(own scheduler.TenantName, name scheduler.SemaphoreName) int {
	n := 0
	for t, count := range s.deps.Shared.Holders(name) {
		if t != own {
			n += count
		}
	}
	return n
}
