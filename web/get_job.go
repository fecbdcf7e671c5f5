package web

import (
	"net/url"

	"github.com/gozer-ci/gozer/scheduler"
)

// getJob shows the variants of a job. The name is unescaped once more, plus
// signs included, as Zuul does.
func (s *Server) getJob(c *call) error {
	name := c.param("job_name")
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	variants := s.deps.Layouts.Layout(c.tenant).Job(scheduler.JobName(name))
	if len(variants) == 0 {
		return notFound("Unknown job", "GET .../jobs lists the jobs of the tenant.")
	}
	return c.json(variants)
}
