package web

import (
	"bytes"
	_ "embed"
	"net/http"

	"github.com/gozer-ci/gozer/scheduler"
)

var (
	//go:embed badge/passing.svg
	badgePassing []byte
	//go:embed badge/failing.svg
	badgeFailing []byte
)

// getBadge draws the result of the newest complete buildset that matches.
func (s *Server) getBadge(c *call) error {
	q := c.URL.Query()
	complete := true
	sets, err := s.deps.History.Buildsets(c.Context(), c.tenant, BuildsetFilter{
		Projects: q["project"], Pipelines: q["pipeline"], Branches: q["branch"],
		Complete: &complete, Page: Page{Limit: 1},
	})
	if err != nil {
		return err
	}
	if len(sets) == 0 {
		return notFound("No buildset found", "Nothing that matches was built yet.")
	}
	badge := badgeFailing
	if sets[0].Result == scheduler.ResultSuccess {
		badge = badgePassing
	}
	c.w.Header().Set("Content-Type", "image/svg+xml")
	c.w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(c.w, c.Request, "", s.opened, bytes.NewReader(badge))
	return nil
}
