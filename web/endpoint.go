package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-chi/chi/v5"

	"github.com/gozer-ci/gozer/internal/auth"
	"github.com/gozer-ci/gozer/scheduler"
)

// maxBody is the largest request body, in bytes, unless it is configured.
const maxBody = 1 << 20

// writeTimeout is how long a client may take for an answer that is no stream.
const writeTimeout = time.Minute

// call is one request to an operation.
type call struct {
	*http.Request
	w      http.ResponseWriter
	op     *openapi3.Operation
	tenant scheduler.TenantName // of tenant routes
	user   auth.Identity        // known on routes that need a token
}

// param is a path parameter, unescaped.
func (c *call) param(name string) string { return unescape(chi.URLParam(c.Request, name)) }

// endpoint answers rt: tenant, then token, then the parameters, then the
// handler, as Zuul orders its checks.
func (s *Server) endpoint(rt route, op *openapi3.Operation) http.Handler {
	check := s.parameterCheck(rt, op)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setRoute(r.Context(), rt.pattern)
		allowAnyOrigin(w.Header())
		s.setDeadlines(w, r)
		c := &call{Request: r, w: w, op: op}
		steps := []func(*call) error{
			func(c *call) error { return s.enterTenant(c, rt) },
			func(c *call) error { return s.authorize(c, rt.level) },
			check,
			s.waitForSeq,
			func(c *call) error { return rt.handle(s, c) },
		}
		for _, step := range steps {
			if err := step(c); err != nil {
				s.writeError(w, r, err)
				return
			}
		}
	})
}

// setDeadlines limits the whole request; streams lift the limit for
// themselves. Recorders in tests have no deadlines, which is fine.
func (s *Server) setDeadlines(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	now := time.Now() // deadlines of sockets are real time
	_ = rc.SetReadDeadline(now.Add(writeTimeout / 2))
	_ = rc.SetWriteDeadline(now.Add(writeTimeout))
	if r.Body != nil {
		r.Body = limitBody(w, r.Body, s.cfg.MaxBody)
	}
}

// clearDeadlines lifts the limits of ordinary answers from one that lasts.
func clearDeadlines(w http.ResponseWriter) {
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Time{}) // recorders have none
	_ = rc.SetWriteDeadline(time.Time{})
}

// enterTenant looks the tenant of the path up.
func (s *Server) enterTenant(c *call, rt route) error {
	if !strings.HasPrefix(rt.pattern, tenantPath) {
		return nil
	}
	c.tenant = scheduler.TenantName(c.param("tenant_name"))
	if rt.level == public && rt.pattern == tenantPath+"/info" {
		return nil // never fails
	}
	return s.lookUp(c.tenant)
}

// lookUp reports why a tenant cannot be used.
func (s *Server) lookUp(t scheduler.TenantName) error {
	if !slices.Contains(s.deps.Layouts.Tenants(), t) {
		return notFound("Unknown tenant", "GET /api/tenants lists the tenants.")
	}
	if s.deps.Layouts.Layout(t) == nil {
		return notReady(t)
	}
	return nil
}

func notReady(t scheduler.TenantName) *Problem {
	return &Problem{
		Status: http.StatusUnprocessableEntity, Code: "unavailable",
		Detail: "Tenant " + string(t) + " isn't ready",
		Hint:   "Its configuration is still being loaded, or never loaded without errors: /readyz says more.",
	}
}

// authorize checks the token of routes that need one.
func (s *Server) authorize(c *call, l level) error {
	if l < user {
		return nil
	}
	who, err := s.deps.Auth.Authenticate(c.Header.Get("Authorization"))
	if err != nil {
		return err
	}
	if l == admin && !who.AdminOf(c.tenant) {
		return notAdminOf(who, c.tenant)
	}
	if l == operator && len(who.Admin) == 0 {
		return &Problem{
			Status: http.StatusForbidden, Code: "forbidden",
			Detail: who.UID + " administers no tenant.",
			Hint:   "Use a token whose claim zuul.admin names one: gozer admin create-auth-token --tenant makes it.",
		}
	}
	c.user = who
	return nil
}

func notAdminOf(who auth.Identity, t scheduler.TenantName) *Problem {
	return &Problem{
		Status: http.StatusForbidden, Code: "forbidden",
		Detail: who.UID + " is no administrator of tenant " + string(t) + ".",
		Hint:   "Use a token whose claim zuul.admin names the tenant: gozer admin create-auth-token makes one.",
	}
}

// seqWait is how long a read waits for the commit it asks for.
const seqWait = 5 * time.Second

// waitForSeq honours Gozer-Min-Seq, with which a client reads its own writes.
func (s *Server) waitForSeq(c *call) error {
	value := c.Header.Get("Gozer-Min-Seq")
	if value == "" || c.tenant == "" {
		return nil
	}
	seq, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return invalid("Gozer-Min-Seq is not a number: %.40q", value)
	}
	ctx, cancel := context.WithTimeout(c.Context(), seqWait)
	defer cancel()
	if err := s.deps.Live.WaitFor(ctx, c.tenant, seq); err != nil {
		return &Problem{
			Status: http.StatusServiceUnavailable, Code: "unavailable",
			Detail: "The state asked for with Gozer-Min-Seq is not there yet.", Hint: "Ask again.",
		}
	}
	return nil
}
