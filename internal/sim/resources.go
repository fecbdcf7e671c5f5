package sim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/scheduler"
)

// provider makes the nodes of one server. Like the arbiter it remembers nothing
// beyond the process, and is told what a tenant has when its state is loaded.
type provider struct {
	open  []scheduler.RequestNodes
	given map[scheduler.NodeRequestID][]scheduler.ProvidedNode
	owner map[scheduler.NodeRequestID]scheduler.TenantName
}

func newProvider() *provider {
	return &provider{
		given: map[scheduler.NodeRequestID][]scheduler.ProvidedNode{}, owner: map[scheduler.NodeRequestID]scheduler.TenantName{},
	}
}

// largeNodes is how many nodes there are of the label that is scarce.
const largeNodes = 3

// restore replaces what is known of a tenant.
func (n *provider) restore(t scheduler.TenantName, claims []scheduler.RequestNodes) {
	n.open = slices.DeleteFunc(n.open, func(r scheduler.RequestNodes) bool { return r.Tenant == t })
	for id, owner := range n.owner {
		if owner == t {
			delete(n.given, id)
			delete(n.owner, id)
		}
	}
	for _, r := range claims {
		if r.Nodes == nil {
			n.open = append(n.open, r)
			continue
		}
		n.given[r.Request], n.owner[r.Request] = r.Nodes, t
	}
}

// told is what a state that was just loaded means to arbiter and provider.
func (x *part) told(s *scheduler.State) {
	asks, nodes := scheduler.Claims(s)
	x.p.arbiter.Restore(x.t.name, asks)
	x.p.nodes.restore(x.t.name, nodes)
}

// share hands an effect about what tenants share on at once, as package app
// does; it reports whether f was one.
func (p *process) share(f scheduler.Effect) bool {
	n := p.nodes
	switch f := f.(type) {
	case scheduler.AcquireSemaphores:
		p.arbiter.Acquire(f)
	case scheduler.ReleaseSemaphores:
		p.arbiter.Release(f)
	case scheduler.RequestNodes:
		if n.given[f.Request] == nil && !slices.ContainsFunc(n.open, func(r scheduler.RequestNodes) bool { return r.Request == f.Request }) {
			n.open = append(n.open, f)
		}
	case scheduler.RankNodes:
		for i := range n.open {
			if n.open[i].Request == f.Request {
				n.open[i].RelativePriority = f.RelativePriority
			}
		}
	case scheduler.ReleaseNodes:
		n.open = slices.DeleteFunc(n.open, func(r scheduler.RequestNodes) bool { return r.Request == f.Request })
		delete(n.given, f.Request)
		delete(n.owner, f.Request)
	default:
		return false
	}
	return true
}

// granted hands a grant of the arbiter to the tenant's engine.
func (p *process) granted(name scheduler.TenantName, g scheduler.GrantedSemaphores) {
	for _, x := range p.parts {
		if x.t.name == name && !p.dead {
			x.submit(g)
		}
	}
}

// provide answers one node request of the tenant.
func (s *Sim) provide(t *tenant) bool {
	x := s.server(t)
	if x == nil || x.err != nil {
		return false
	}
	n := x.p.nodes
	var own []scheduler.RequestNodes
	for _, r := range n.open {
		if r.Tenant == t.name {
			own = append(own, r)
		}
	}
	if len(own) == 0 {
		return false
	}
	r := pick(s, own)
	c := scheduler.ProvidedNodes{Request: r.Request}
	for _, node := range r.Nodeset.Nodes {
		switch {
		case strings.HasPrefix(node.Label, "missing"):
			c.Failed, c.Detail = true, "no provider has "+node.Label
		case n.used(t.name, node.Label)+len(c.Nodes) >= largeNodes && !s.calm:
			return false
		default:
			t.sent++
			c.Nodes = append(c.Nodes, scheduler.ProvidedNode{
				ID: scheduler.NodeID(fmt.Sprintf("node-%s-%d", t.name, t.sent)), Name: node.Name, Label: node.Label, Provider: "sim", Connection: "sandbox",
			})
		}
	}
	n.open = slices.DeleteFunc(n.open, func(o scheduler.RequestNodes) bool { return o.Request == r.Request })
	if c.Failed {
		c.Nodes = nil
	} else {
		n.given[r.Request], n.owner[r.Request] = c.Nodes, t.name
	}
	x.submit(c)
	if s.strikes("result published twice") {
		x.submit(c)
	}
	return true
}

// used counts the nodes of a label that a tenant has.
func (n *provider) used(t scheduler.TenantName, label string) int {
	count := 0
	for id, nodes := range n.given {
		for _, node := range nodes {
			if n.owner[id] == t && node.Label == label {
				count++
			}
		}
	}
	return count
}

// tick tells an engine the time when something is due.
func (s *Sim) tick(t *tenant) bool {
	x := s.server(t)
	if x == nil || x.err != nil {
		return false
	}
	next := scheduler.NextTick(x.engine.State())
	if next.IsZero() || next.After(s.now) {
		return false
	}
	x.engine.Submit(engine.Delivery{Command: scheduler.Tick{}})
	return true
}

// keepNodes asks to keep what failing builds leave behind, or ends that.
func (s *Sim) keepNodes(t *tenant) bool {
	t.sent++
	id := scheduler.EventID(fmt.Sprintf("autohold-%d-%d", t.number+1, t.sent))
	if list := t.folded.Autoholds; len(list) > 0 && s.rng.IntN(2) == 0 {
		t.wish(string(id), scheduler.DeleteAutohold{ID: id, Autohold: pick(s, list).ID, Actor: "operator"})
		return true
	}
	t.wish(string(id), scheduler.CreateAutohold{
		ID: id, Project: t.forge.canonical(pick(s, projects)), Job: pick(s, []scheduler.JobName{"unit", "style", "integration"}),
		RefFilter: ".*", Count: 1 + s.rng.IntN(2), Reason: "to look at it", NodeExpiration: 3600e9, Actor: "operator",
	})
	return true
}

// shares holds what the log says of nodes and global semaphores: a node belongs
// to one request, and every request ends (P8).
func (w *watch) shares(e scheduler.Event) {
	switch e := e.(type) {
	case scheduler.SemaphoresAsked:
		owned(w, e.Ask)
		w.asks[string(e.Ask)] = true
	case scheduler.NodesRequested:
		owned(w, e.Request)
		w.asks[string(e.Request)] = true
	case scheduler.NodesProvided:
		for _, n := range e.Nodes {
			if other, ok := w.nodes[n.ID]; ok && other != e.Request {
				w.fail("P8 nodes", "node %s of request %s is given to request %s too", n.ID, other, e.Request)
			}
			w.nodes[n.ID] = e.Request
		}
	case scheduler.NodesReleased:
		w.free(e.Request)
	case scheduler.HoldReleased:
		w.free(e.Request)
	}
}

func (w *watch) free(id scheduler.NodeRequestID) {
	for node, of := range w.nodes {
		if of == id {
			delete(w.nodes, node)
		}
	}
}

// leftovers holds that nobody has nodes or semaphores that the log does not
// know of, once nothing is under way.
func (s *Sim) leftovers(t *tenant) {
	_, claims := scheduler.Claims(t.folded)
	p := s.processes[0]
	if s.covered["rivals"] > 0 {
		return // what one server asked for the other may have given back
	}
	for _, id := range sortedKeys(p.nodes.given) {
		known := func(r scheduler.RequestNodes) bool { return r.Request == id && r.Nodes != nil }
		if p.nodes.owner[id] == t.name && !slices.ContainsFunc(claims, known) {
			s.fail("P8 nodes", "the nodes of request %s of %s are used by nobody", id, t.name)
		}
	}
	for _, r := range claims {
		if r.Nodes == nil {
			s.fail("P8 nodes", "request %s of %s never ended", r.Request, t.name)
		}
	}
}
