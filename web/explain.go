package web

import (
	"net/http"
	"strconv"

	"github.com/gozer-ci/gozer/internal/explain"
	"github.com/gozer-ci/gozer/scheduler"
)

// explain says why something waits, ran or ended as it did.
func (s *Server) explain(c *call) error {
	q := explain.Question{
		Tenant: c.tenant, What: c.param("what"), Pipeline: scheduler.PipelineName(c.URL.Query().Get("pipeline")),
		Job: scheduler.JobName(c.URL.Query().Get("job")),
	}
	var err error
	if q.At, err = s.timeAsked(c); err != nil {
		return err
	}
	doc, err := s.deps.Past.Explain(c.Context(), q)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Gozer-Seq", strconv.FormatUint(doc.Seq, 10))
	return c.jsonStatus(http.StatusOK, doc)
}
