package schedtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// Resources are the arbiter of global semaphores, the provider of nodes and
// the executors' playbooks of a world.
type Resources struct {
	// HoldNodes keeps requests open; HoldGrants keeps the arbiter from granting.
	HoldNodes, HoldGrants bool
	// Open are the node requests in the order they came, Given the nodes that
	// jobs and held builds have.
	Open  []scheduler.RequestNodes
	Given map[scheduler.NodeRequestID][]scheduler.ProvidedNode
	// Served lists the requests in the order in which they got nodes.
	Served []scheduler.RequestNodes
	// Capacity is how many nodes there are of a label; not listed is no limit.
	Capacity map[string]int
	// Asks are what the arbiter was asked and has not granted, Granted what the
	// tenant has. Others is how many holders other tenants have.
	Asks    []scheduler.AcquireSemaphores
	Granted map[scheduler.AskID][]scheduler.SemaphoreName
	Others  map[scheduler.SemaphoreName]int
	// Playbooks are the grants that executors got.
	Playbooks map[scheduler.BuildID]int
	// Workspaces that were let go.
	LetGo []scheduler.BuildID

	nodes int // made so far
}

func newResources() Resources {
	return Resources{
		Given: map[scheduler.NodeRequestID][]scheduler.ProvidedNode{}, Capacity: map[string]int{},
		Granted: map[scheduler.AskID][]scheduler.SemaphoreName{}, Others: map[scheduler.SemaphoreName]int{},
		Playbooks: map[scheduler.BuildID]int{},
	}
}

// performResource performs an effect about semaphores, nodes or holds.
func (w *World) performResource(e scheduler.Effect) {
	switch e := e.(type) {
	case scheduler.RequestNodes:
		if !slices.ContainsFunc(w.Open, func(r scheduler.RequestNodes) bool { return r.Request == e.Request }) && w.Given[e.Request] == nil {
			w.Open = append(w.Open, e)
		}
	case scheduler.RankNodes:
		for i := range w.Open {
			if w.Open[i].Request == e.Request {
				w.Open[i].RelativePriority = e.RelativePriority
			}
		}
	case scheduler.ReleaseNodes:
		w.Open = slices.DeleteFunc(w.Open, func(r scheduler.RequestNodes) bool { return r.Request == e.Request })
		delete(w.Given, e.Request)
	case scheduler.AcquireSemaphores:
		if !slices.ContainsFunc(w.Asks, func(a scheduler.AcquireSemaphores) bool { return a.Ask == e.Ask }) && w.Granted[e.Ask] == nil {
			w.Asks = append(w.Asks, e)
		}
	case scheduler.ReleaseSemaphores:
		w.Asks = slices.DeleteFunc(w.Asks, func(a scheduler.AcquireSemaphores) bool { return a.Ask == e.Ask })
		delete(w.Granted, e.Ask)
	case scheduler.GrantSemaphores:
		w.Playbooks[e.Build] = e.Number
	case scheduler.ReleaseHold:
		w.LetGo = append(w.LetGo, e.Build)
	}
}

// serve lets the provider and the arbiter answer one request; false when they
// can't.
func (w *World) serve() bool {
	return !w.HoldNodes && w.provide() || !w.HoldGrants && w.grant()
}

// provide answers the most urgent node request that can be answered.
func (w *World) provide() bool {
	order := slices.Clone(w.Open)
	slices.SortStableFunc(order, func(a, b scheduler.RequestNodes) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.RelativePriority, b.RelativePriority))
	})
	for _, r := range order {
		if c, ok := w.answer(r); ok {
			w.Open = slices.DeleteFunc(w.Open, func(x scheduler.RequestNodes) bool { return x.Request == r.Request })
			if !c.Failed {
				w.Given[r.Request] = c.Nodes
				w.Served = append(w.Served, r)
			}
			w.Do(c)
			return true
		}
	}
	return false
}

// answer makes the nodes of a request; labels that begin with missing have
// none.
func (w *World) answer(r scheduler.RequestNodes) (scheduler.ProvidedNodes, bool) {
	c := scheduler.ProvidedNodes{Request: r.Request}
	used := map[string]int{}
	for _, nodes := range w.Given {
		for _, n := range nodes {
			used[n.Label]++
		}
	}
	for _, n := range r.Nodeset.Nodes {
		if strings.HasPrefix(n.Label, "missing") {
			return scheduler.ProvidedNodes{Request: r.Request, Failed: true, Detail: "no provider has " + n.Label}, true
		}
		used[n.Label]++
		if limit, ok := w.Capacity[n.Label]; ok && used[n.Label] > limit {
			return c, false
		}
		w.nodes++
		c.Nodes = append(c.Nodes, scheduler.ProvidedNode{
			ID: scheduler.NodeID(fmt.Sprintf("node-%d", w.nodes)), Name: n.Name, Label: n.Label, Provider: "world", Connection: "sandbox",
		})
	}
	return c, true
}

// grant lets the arbiter grant the first ask that it can, in the tenant's order.
func (w *World) grant() bool {
	order := slices.Clone(w.Asks)
	slices.SortStableFunc(order, func(a, b scheduler.AcquireSemaphores) int { return slices.Compare(a.Order[:], b.Order[:]) })
	for _, a := range order {
		if slices.ContainsFunc(a.Semaphores, func(n scheduler.SemaphoreName) bool { return w.taken(n) >= w.S.Layout.GlobalSemaphores[n] }) {
			continue
		}
		w.Asks = slices.DeleteFunc(w.Asks, func(x scheduler.AcquireSemaphores) bool { return x.Ask == a.Ask })
		w.Granted[a.Ask] = a.Semaphores
		w.Do(scheduler.GrantedSemaphores{Ask: a.Ask, Item: a.Item, Buildset: a.Buildset, Job: a.Job, Ref: a.Ref, Build: a.Build})
		return true
	}
	return false
}

// taken counts the holders of a global semaphore.
func (w *World) taken(name scheduler.SemaphoreName) int {
	n := w.Others[name]
	for _, names := range w.Granted {
		if slices.Contains(names, name) {
			n++
		}
	}
	return n
}

// restartResources makes a provider and an arbiter that know only what the
// tenant's state tells.
func (w *World) restartResources() {
	old := w.Resources
	w.Resources = newResources()
	w.HoldNodes, w.HoldGrants, w.Capacity, w.Others, w.nodes = old.HoldNodes, old.HoldGrants, old.Capacity, old.Others, old.nodes
	asks, nodes := scheduler.Claims(w.S)
	for _, a := range asks {
		if a.Held {
			w.Granted[a.Ask] = a.Semaphores
		} else {
			w.Asks = append(w.Asks, a)
		}
	}
	for _, r := range nodes {
		if r.Nodes != nil {
			w.Given[r.Request] = r.Nodes
		} else {
			w.Open = append(w.Open, r)
		}
	}
}

// leftovers tells what the world gave and the tenant does not know of, once
// nothing is under way.
func (w *World) leftovers() []string {
	asks, nodes := scheduler.Claims(w.S)
	var out []string
	for id := range w.Granted {
		if !slices.ContainsFunc(asks, func(a scheduler.AcquireSemaphores) bool { return a.Ask == id && a.Held }) {
			out = append(out, fmt.Sprintf("P7 semaphores: grant %s is held by nobody", id))
		}
	}
	for id := range w.Given {
		if !slices.ContainsFunc(nodes, func(r scheduler.RequestNodes) bool { return r.Request == id && r.Nodes != nil }) {
			out = append(out, fmt.Sprintf("P8 nodes: the nodes of request %s are used by nobody", id))
		}
	}
	slices.Sort(out)
	return out
}
