package web

import (
	"net/http"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// unknownPath answers API paths that nothing matches.
func (s *Server) unknownPath(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w.Header())
	s.writeError(w, r, notFound("There is no such API path.", "GET /api lists the paths; project names are not escaped."))
}

// wrongMethod answers paths that exist for other methods. The checks that
// come before the method are made first.
func (s *Server) wrongMethod(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w.Header())
	s.writeError(w, r, s.whyNotMethod(r))
}

func (s *Server) whyNotMethod(r *http.Request) error {
	c := &call{Request: r}
	if rest, ok := strings.CutPrefix(r.URL.EscapedPath(), "/api/tenant/"); ok {
		name, rest, _ := strings.Cut(rest, "/")
		c.tenant = scheduler.TenantName(unescape(name))
		if err := s.lookUp(c.tenant); err != nil {
			return err
		}
		if err := s.whyNotProject(c, rest); err != nil {
			return err
		}
	}
	return &Problem{
		Status: http.StatusMethodNotAllowed, Code: "invalid",
		Detail: r.Method + " is not possible here.", Hint: "An OPTIONS request tells which methods are.",
	}
}

// whyNotProject makes the checks of the routes below a project, which are
// unknown projects when nobody can authenticate.
func (s *Server) whyNotProject(c *call, rest string) error {
	if !strings.HasPrefix(rest, "project/") {
		return nil
	}
	if !s.hasAuth() {
		return unknownProject()
	}
	if strings.HasSuffix(rest, "/enqueue") || strings.HasSuffix(rest, "/dequeue") {
		return s.authorize(c, admin)
	}
	return nil
}

func unknownProject() *Problem {
	return notFound("Unknown project", "GET .../projects lists the projects of the tenant.")
}
