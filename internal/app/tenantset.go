package app

import (
	"cmp"
	"slices"
	"sync"

	"github.com/gozer-ci/gozer/scheduler"
)

// tenantSet is the tenants that are served now. Any goroutine may use it.
type tenantSet struct {
	mu   sync.RWMutex
	list []*tenant // by name; replaced, never changed
}

// all returns the tenants by name; the list must not be changed.
func (s *tenantSet) all() []*tenant {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.list
}

// find returns a tenant, or nil.
func (s *tenantSet) find(name scheduler.TenantName) *tenant {
	list := s.all()
	i, found := slices.BinarySearchFunc(list, name, compareTenant)
	if !found {
		return nil
	}
	return list[i]
}

// put adds a tenant, in the place of another one with its name.
func (s *tenantSet) put(t *tenant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.list)
	i, found := slices.BinarySearchFunc(list, t.name, compareTenant)
	if found {
		list[i] = t
	} else {
		list = slices.Insert(list, i, t)
	}
	s.list = list
}

// drop takes a tenant out.
func (s *tenantSet) drop(name scheduler.TenantName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = slices.DeleteFunc(slices.Clone(s.list), func(t *tenant) bool { return t.name == name })
}

// names lists the tenants' names in order.
func (s *tenantSet) names() []scheduler.TenantName {
	list := s.all()
	out := make([]scheduler.TenantName, len(list))
	for i, t := range list {
		out[i] = t.name
	}
	return out
}

func compareTenant(t *tenant, name scheduler.TenantName) int { return cmp.Compare(t.name, name) }
