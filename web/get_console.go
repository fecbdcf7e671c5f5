package web

import (
	"strconv"

	"github.com/gozer-ci/gozer/scheduler"
)

// getConsole sends the output of a build from a byte offset on, and with live
// follows it until the build ends.
func (s *Server) getConsole(c *call) error {
	build := scheduler.BuildID(c.param("uuid"))
	if state := s.buildState(c.Context(), c.tenant, build); state == buildUnknown {
		return notFound("Build not found", "GET .../builds lists the builds of the tenant.")
	}
	q := c.URL.Query()
	offset, _ := strconv.ParseInt(q.Get("offset"), 10, 64) // the contract checked it
	out := &streamWriter{c: c, s: s, kind: "console"}
	ctx, done := out.open()
	defer done()
	for chunk, err := range s.deps.Console.Read(ctx, build, offset, truth(q.Get("live"))) {
		if err != nil {
			return out.fail(err)
		}
		if !out.write(chunk) {
			return nil
		}
	}
	out.start()
	return nil
}
