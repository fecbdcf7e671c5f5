package nodes

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/gozer-ci/gozer/scheduler"
)

// SandboxName is the provider whose nodes are sandboxes of the executor.
const SandboxName = "sandbox"

// Sandbox provides nodes that need no machine of their own: each is the
// sandbox in which the executor runs the build. What it limits is how many
// there are of a label.
type Sandbox struct {
	labels  map[string]int
	allowed func(t scheduler.TenantName, label string) bool

	mu   sync.Mutex
	used map[string]int
}

// NewSandbox returns a provider of the labels listed, with how many nodes
// there may be of each; 0 is no limit. Without any label it has all, without
// limit. allowed says which labels a tenant may use.
func NewSandbox(labels map[string]int, allowed func(scheduler.TenantName, string) bool) *Sandbox {
	return &Sandbox{labels: labels, allowed: allowed, used: map[string]int{}}
}

// Name is the provider's name.
func (s *Sandbox) Name() string { return SandboxName }

// Labels lists the labels that it knows, sorted; none means all.
func (s *Sandbox) Labels() []string {
	var out []string
	for label := range s.labels {
		out = append(out, label)
	}
	slices.Sort(out)
	return out
}

// Serves refuses labels that are unknown, not for the tenant, or asked for more
// often than there are nodes.
func (s *Sandbox) Serves(t scheduler.TenantName, n scheduler.Nodeset) error {
	want := count(n)
	for _, node := range n.Nodes {
		limit, known := s.labels[node.Label]
		switch {
		case !known && len(s.labels) > 0:
			return fmt.Errorf("no provider has label %q", node.Label)
		case !s.allowed(t, node.Label):
			return fmt.Errorf("label %q is not for tenant %s", node.Label, t)
		case limit > 0 && want[node.Label] > limit:
			return fmt.Errorf("%d nodes of label %q are asked for and there are %d", want[node.Label], node.Label, limit)
		}
	}
	return nil
}

// Reserve sets room aside.
func (s *Sandbox) Reserve(n scheduler.Nodeset) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	want := count(n)
	for label, number := range want {
		if limit := s.labels[label]; limit > 0 && s.used[label]+number > limit {
			return false
		}
	}
	for label, number := range want {
		s.used[label] += number
	}
	return true
}

// Make names the nodes after their request; there is nothing to make.
func (s *Sandbox) Make(_ context.Context, r scheduler.RequestNodes) ([]scheduler.ProvidedNode, error) {
	out := make([]scheduler.ProvidedNode, len(r.Nodeset.Nodes))
	for i, n := range r.Nodeset.Nodes {
		out[i] = scheduler.ProvidedNode{
			ID: scheduler.NodeID(fmt.Sprintf("%s-%d", r.Request, i)), Name: n.Name, Label: n.Label, Provider: SandboxName, Connection: "sandbox",
		}
	}
	return out, nil
}

// Adopt counts nodes of an earlier life.
func (s *Sandbox) Adopt(nodes []scheduler.ProvidedNode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range nodes {
		s.used[n.Label]++
	}
}

// Free gives the room back.
func (s *Sandbox) Free(n scheduler.Nodeset, _ []scheduler.ProvidedNode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for label, number := range count(n) {
		s.used[label] -= number
	}
}

func count(n scheduler.Nodeset) map[string]int {
	out := map[string]int{}
	for _, node := range n.Nodes {
		out[node.Label]++
	}
	return out
}
