package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// getVerifyLog holds the log to the live state and the read models. It takes
// as long as the log is long, until the client leaves or the server stops.
func (s *Server) getVerifyLog(c *call) error {
	names, err := verified(c)
	if err != nil {
		return err
	}
	clearDeadlines(c.w)
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	defer context.AfterFunc(s.stopping, cancel)()
	v, err := s.deps.Verifier.Verify(ctx, names)
	_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(writeTimeout)) // recorders have none
	switch {
	case errors.Is(err, ErrVerifying):
		return &Problem{
			Status: http.StatusTooManyRequests, Code: "exhausted", Detail: "Another verification is under way.",
			Hint: "It reads the whole log, so there is one at a time. Ask again when it has ended.", cause: err,
		}
	case err != nil && s.stopping.Err() != nil:
		return &Problem{
			Status: http.StatusServiceUnavailable, Code: "unavailable", Detail: "The server is stopping.",
			Hint: "Ask again once it runs, or verify the data directory of the stopped server.", cause: err,
		}
	case err != nil:
		return err
	}
	c.w.Header().Set("Cache-Control", "no-store")
	return c.json(v.doc())
}

// verified are the tenants of the query, all of which the token must
// administer; none means all there are.
func verified(c *call) ([]scheduler.TenantName, error) {
	var names []scheduler.TenantName
	for _, name := range c.URL.Query()["tenant"] {
		t := scheduler.TenantName(name)
		if !c.user.AdminOf(t) {
			return nil, notAdminOf(c.user, t)
		}
		if !slices.Contains(names, t) {
			names = append(names, t)
		}
	}
	if len(names) == 0 && !c.user.AdminOfAll() {
		return nil, &Problem{
			Status: http.StatusForbidden, Code: "forbidden",
			Detail: c.user.UID + " does not administer all tenants.",
			Hint:   "Name yours with ?tenant=NAME, or use a token of: gozer admin create-auth-token --tenant '*'.",
		}
	}
	return names, nil
}
