package web

import (
	"strconv"

	"github.com/gozer-ci/gozer/scheduler"
)

// review finds the code review of a connection.
func (s *Server) review(c *call) (Review, error) {
	r, ok := s.deps.Reviews[scheduler.ConnectionName(c.param("connection"))]
	if !ok {
		return nil, notFound("Unknown connection, or one without a built-in code review", "GET /api/connections lists the connections.")
	}
	return r, nil
}

// changeNumber is the number in the path; the contract checked it.
func changeNumber(c *call) int {
	n, _ := strconv.Atoi(c.param("number")) // checked
	return n
}
