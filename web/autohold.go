package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// autoholdDoc is an autohold request.
type autoholdDoc struct {
	ID             scheduler.AutoholdID  `json:"id"`
	Tenant         scheduler.TenantName  `json:"tenant"`
	Project        scheduler.ProjectName `json:"project"`
	Job            scheduler.JobName     `json:"job"`
	RefFilter      string                `json:"ref_filter"`
	MaxCount       int                   `json:"max_count"`
	CurrentCount   int                   `json:"current_count"`
	Reason         string                `json:"reason"`
	NodeExpiration *int64                `json:"node_expiration"` // seconds
	Expired        *seconds              `json:"expired"`         // since the epoch
	Nodes          []heldNodes           `json:"nodes"`
}

// heldNodes are the nodes of one build.
type heldNodes struct {
	Build scheduler.BuildID  `json:"build"`
	Nodes []scheduler.NodeID `json:"nodes"`
}

func autoholdOf(t scheduler.TenantName, a *scheduler.Autohold) autoholdDoc {
	d := autoholdDoc{
		ID: a.ID, Tenant: t, Project: a.Project, Job: a.Job, RefFilter: a.Filter.Text, MaxCount: a.MaxCount, CurrentCount: a.Count,
		Reason: a.Reason, Expired: epoch(a.Expired), Nodes: []heldNodes{},
	}
	if a.NodeExpiration > 0 {
		seconds := int64(a.NodeExpiration / time.Second)
		d.NodeExpiration = &seconds
	}
	for _, h := range a.Held {
		n := heldNodes{Build: h.Build, Nodes: []scheduler.NodeID{}}
		for _, node := range h.Nodes {
			n.Nodes = append(n.Nodes, node.ID)
		}
		d.Nodes = append(d.Nodes, n)
	}
	return d
}

// getAutoholds lists the autohold requests of a tenant.
func (s *Server) getAutoholds(c *call) error {
	filter := c.URL.Query().Get("project")
	list := []autoholdDoc{}
	err := s.deps.Live.View(c.tenant, func(state *scheduler.State, _ uint64) {
		for _, a := range state.Autoholds {
			if strings.HasSuffix(string(a.Project), filter) {
				list = append(list, autoholdOf(c.tenant, a))
			}
		}
	})
	if err != nil {
		return notReady(c.tenant)
	}
	return c.json(list)
}

// getProjectAutoholds is getAutoholds for a project, which need not exist.
func (s *Server) getProjectAutoholds(c *call) error {
	name := c.param("project_name")
	list := []autoholdDoc{}
	err := s.deps.Live.View(c.tenant, func(state *scheduler.State, _ uint64) {
		for _, a := range state.Autoholds {
			if strings.HasSuffix(string(a.Project), name) {
				list = append(list, autoholdOf(c.tenant, a))
			}
		}
	})
	if err != nil {
		return notReady(c.tenant)
	}
	return c.json(list)
}

// autohold finds the request that the path names; numbers may be short.
func (s *Server) autohold(c *call) (autoholdDoc, error) {
	text := c.param("request_id")
	if n, err := strconv.ParseUint(text, 10, 40); err == nil {
		text = fmt.Sprintf("%010d", n)
	}
	var found *autoholdDoc
	err := s.deps.Live.View(c.tenant, func(state *scheduler.State, _ uint64) {
		if a := state.Autohold(scheduler.AutoholdID(text)); a != nil {
			d := autoholdOf(c.tenant, a)
			found = &d
		}
	})
	if err != nil {
		return autoholdDoc{}, notReady(c.tenant)
	}
	if found == nil {
		return autoholdDoc{}, notFound("There is no such autohold request.", "GET /api/tenant/"+string(c.tenant)+"/autohold lists them.")
	}
	return *found, nil
}

func (s *Server) getAutohold(c *call) error {
	d, err := s.autohold(c)
	if err != nil {
		return err
	}
	return c.json(d)
}

// deleteAutohold ends a request and lets go of what it keeps.
func (s *Server) deleteAutohold(c *call) error {
	d, err := s.autohold(c)
	if err != nil {
		return err
	}
	seq, err := s.deps.Inputs.DeleteAutohold(c.Context(), c.tenant, d.ID, c.user.UID)
	if err != nil {
		return err
	}
	if seq > 0 {
		c.w.Header().Set("Gozer-Seq", strconv.FormatUint(seq, 10))
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// autoholdBody is what creating takes; other keys are ignored.
type autoholdBody struct {
	Job            *string `json:"job"`
	Count          *int    `json:"count"`
	Reason         *string `json:"reason"`
	NodeExpiration *int64  `json:"node_hold_expiration"` // seconds
	Change         *string `json:"change"`
	Ref            *string `json:"ref"`
}

// AutoholdRequest asks to keep failing builds of a job.
type AutoholdRequest struct {
	Tenant  scheduler.TenantName
	Project scheduler.ProjectName
	Job     scheduler.JobName
	// Change or RefFilter says which builds; neither means all.
	Change    int
	RefFilter string
	Count     int
	Reason    string
	// NodeExpiration is how long nodes are kept; nil is the server's default.
	NodeExpiration *time.Duration
	Actor          string
}

// createAutohold asks to keep failing builds.
func (s *Server) createAutohold(c *call) error {
	raw, err := readBody(c)
	if err != nil {
		return err
	}
	project, err := s.deps.Layouts.Layout(c.tenant).Project(c.param("project_name"))
	if err != nil {
		return err
	}
	var b autoholdBody
	if err := raw.into(&b); err != nil {
		return err
	}
	r, err := b.request()
	if err != nil {
		return err
	}
	r.Tenant, r.Project, r.Actor = c.tenant, project.CanonicalName, c.user.UID
	seq, err := s.deps.Inputs.CreateAutohold(c.Context(), r)
	return s.accepted(c, seq, err)
}

// request checks the body as Zuul does.
func (b autoholdBody) request() (AutoholdRequest, error) {
	switch {
	case b.Change != nil && b.Ref != nil:
		return AutoholdRequest{}, invalid("change and ref can't be used together")
	case b.Job == nil || b.Count == nil || b.Reason == nil:
		return AutoholdRequest{}, invalid("job, count and reason are needed")
	case *b.Count < 0:
		return AutoholdRequest{}, invalid("count can't be negative")
	}
	r := AutoholdRequest{Job: scheduler.JobName(*b.Job), Count: *b.Count, Reason: *b.Reason, RefFilter: ".*"}
	if n := b.NodeExpiration; n != nil {
		if *n < 0 || *n > int64(maxExpiration/time.Second) {
			return r, invalid("node_hold_expiration must be between 0 and %d seconds", int64(maxExpiration/time.Second))
		}
		d := time.Duration(*n) * time.Second
		r.NodeExpiration = &d
	}
	switch {
	case b.Change != nil:
		n, err := strconv.Atoi(*b.Change)
		if err != nil || n < 1 {
			return r, invalid("change must be a number, not %.100q", *b.Change)
		}
		r.Change = n
	case b.Ref != nil:
		if _, err := regexp.Compile(*b.Ref); err != nil {
			return r, invalid("ref is no regular expression: %s", err)
		}
		r.RefFilter = *b.Ref
	}
	return r, nil
}

// maxExpiration is a hundred years: more does not fit into a duration for long.
const maxExpiration = 100 * 365 * 24 * time.Hour
