package nodes

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// States of a request, as Zuul's API names them.
const (
	Requested = "requested"
	Accepted  = "accepted" // a provider makes the nodes
	Fulfilled = "fulfilled"
)

// Config is what a Service works with.
type Config struct {
	Providers []Provider
	// Answer hands an answer to a tenant. It must not block or call back.
	Answer func(scheduler.TenantName, scheduler.ProvidedNodes)
	Log    *slog.Logger
	Now    func() time.Time
}

// Service keeps the node requests of all tenants in order and serves them:
// lower priority first, then lower relative priority, then the older one. A
// request that has no room now does not keep smaller ones behind it waiting.
type Service struct {
	cfg Config

	mu       sync.Mutex
	ctx      context.Context // of the life of providers' work
	stop     context.CancelFunc
	requests map[key]*Request
	arrived  uint64
	making   sync.WaitGroup
}

type key struct {
	tenant scheduler.TenantName
	id     scheduler.NodeRequestID
}

// Request is a request with how far it came.
type Request struct {
	scheduler.RequestNodes
	State string
	// Since is when it came into this state.
	Since time.Time
	// Declined says why providers can't serve it, by their names.
	Declined map[string]string

	arrived  uint64
	provider Provider
}

// New returns a service; Close ends what it does.
func New(cfg Config) *Service {
	s := &Service{cfg: cfg, requests: map[key]*Request{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends what providers make and waits for it.
func (s *Service) Close() error {
	s.stop()
	s.making.Wait()
	return nil
}

// Restore replaces what is known of a tenant by its open and fulfilled requests.
func (s *Service) Restore(t scheduler.TenantName, claims []scheduler.RequestNodes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, r := range s.requests {
		if k.tenant == t {
			s.drop(k, r)
		}
	}
	for _, c := range claims {
		r := s.add(c)
		if len(c.Nodes) == 0 {
			continue
		}
		r.State = Fulfilled
		if i := slices.IndexFunc(s.cfg.Providers, func(p Provider) bool { return p.Name() == c.Nodes[0].Provider }); i >= 0 {
			r.provider = s.cfg.Providers[i]
			r.provider.Adopt(c.Nodes)
		}
	}
	s.serve()
}

// Request puts a request in line. One that is known already changes nothing.
func (s *Service) Request(e scheduler.RequestNodes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests[key{e.Tenant, e.Request}] == nil {
		s.add(e)
		s.serve()
	}
}

// Rank changes a relative priority.
func (s *Service) Rank(e scheduler.RankNodes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.requests[key{e.Tenant, e.Request}]; r != nil {
		r.RelativePriority = e.RelativePriority
	}
}

// Release ends a request and frees its nodes.
func (s *Service) Release(e scheduler.ReleaseNodes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := key{e.Tenant, e.Request}
	if r := s.requests[k]; r != nil {
		s.drop(k, r)
		s.serve()
	}
}

// Fail refuses an open request, so that the job tries its next nodeset. It
// reports whether there is one.
func (s *Service) Fail(t scheduler.TenantName, id scheduler.NodeRequestID, detail string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := key{t, id}
	r := s.requests[k]
	if r == nil || r.State == Fulfilled {
		return false
	}
	s.refuse(k, r, detail)
	s.serve()
	return true
}

// Requests lists a tenant's requests in the order in which they are served.
func (s *Service) Requests(t scheduler.TenantName) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Request
	for _, k := range s.line() {
		if k.tenant == t {
			out = append(out, *s.requests[k])
		}
	}
	return out
}

func (s *Service) add(e scheduler.RequestNodes) *Request {
	s.arrived++
	r := &Request{RequestNodes: e, State: Requested, Since: s.cfg.Now(), arrived: s.arrived}
	s.requests[key{e.Tenant, e.Request}] = r
	return r
}

// drop forgets a request; what a provider is making for it is freed when it is
// made. s.mu is held.
func (s *Service) drop(k key, r *Request) {
	delete(s.requests, k)
	if r.State == Fulfilled && r.provider != nil {
		r.provider.Free(r.set(), r.Nodes)
	}
}

// set is the nodeset of a request; that of one which was restored with its
// nodes follows from these.
func (r *Request) set() scheduler.Nodeset {
	n := r.Nodeset
	if len(r.Nodes) > 0 {
		n.Nodes = nil
		for _, x := range r.Nodes {
			n.Nodes = append(n.Nodes, scheduler.Node{Name: x.Name, Label: x.Label})
		}
	}
	return n
}

func (s *Service) line() []key {
	keys := make([]key, 0, len(s.requests))
	for k := range s.requests {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		x, y := s.requests[a], s.requests[b]
		return cmp.Or(cmp.Compare(x.Priority, y.Priority), cmp.Compare(x.RelativePriority, y.RelativePriority), cmp.Compare(x.arrived, y.arrived))
	})
	return keys
}

// serve gives what can be given; s.mu is held.
func (s *Service) serve() {
	for _, k := range s.line() {
		if r := s.requests[k]; r.State == Requested {
			s.serveOne(k, r)
		}
	}
}

func (s *Service) serveOne(k key, r *Request) {
	able := false
	r.Declined = map[string]string{}
	for _, p := range s.cfg.Providers {
		err := p.Serves(k.tenant, r.Nodeset)
		if err == nil && r.Provider != "" && r.Provider != p.Name() {
			err = errors.New("the nodes of the paused parent are from provider " + r.Provider)
		}
		if err != nil {
			r.Declined[p.Name()] = err.Error()
			continue
		}
		able = true
		if p.Reserve(r.Nodeset) {
			r.State, r.Since, r.provider = Accepted, s.cfg.Now(), p
			s.making.Go(func() { s.make(k, r, p) })
			return
		}
	}
	if !able {
		s.refuse(k, r, declined(r.Declined))
	}
}

func declined(by map[string]string) string {
	if len(by) == 0 {
		return "there are no providers"
	}
	reasons := make([]string, 0, len(by))
	for name, why := range by {
		reasons = append(reasons, name+": "+why)
	}
	slices.Sort(reasons)
	return strings.Join(reasons, "; ")
}

func (s *Service) refuse(k key, r *Request, detail string) {
	delete(s.requests, k)
	s.cfg.Answer(k.tenant, scheduler.ProvidedNodes{Request: r.Request, Failed: true, Detail: detail})
}

// make lets a provider make the nodes of a request. Those of one that was
// dropped meanwhile are freed again.
func (s *Service) make(k key, r *Request, p Provider) {
	nodes, err := p.Make(s.ctx, r.RequestNodes)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return // the next life begins with what the tenants say
	}
	if s.requests[k] != r || err != nil {
		p.Free(r.Nodeset, nodes)
	}
	switch {
	case s.requests[k] != r:
	case err != nil:
		s.cfg.Log.Warn("nodes not made", "tenant", k.tenant, "request", k.id, "provider", p.Name(), "err", err)
		s.refuse(k, r, p.Name()+": "+err.Error())
	default:
		r.State, r.Since, r.Nodes = Fulfilled, s.cfg.Now(), nodes
		s.cfg.Answer(k.tenant, scheduler.ProvidedNodes{Request: r.Request, Nodes: nodes})
		return
	}
	s.serve()
}
