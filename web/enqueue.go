package web

import (
	"net/http"
	"strconv"
	"strings"
)

// refBody is what enqueue and dequeue take; other keys are ignored.
type refBody struct {
	Pipeline *string `json:"pipeline"`
	Change   *string `json:"change"`
	Ref      *string `json:"ref"`
	OldRev   *string `json:"oldrev"`
	NewRev   *string `json:"newrev"`
}

// enqueue puts a change or ref into a pipeline, whatever its requirements.
func (s *Server) enqueue(c *call) error {
	b, r, err := s.refRequest(c)
	if err != nil {
		return err
	}
	switch {
	case b.Change != nil:
		err = r.setChange(*b.Change)
	case b.Ref != nil:
		r.Ref, r.OldRev, r.NewRev = *b.Ref, textOf(b.OldRev), textOf(b.NewRev)
	default:
		err = invalid(`Either change or ref is needed`)
	}
	if err != nil {
		return err
	}
	seq, err := s.deps.Inputs.Enqueue(c.Context(), r)
	return s.accepted(c, seq, err)
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// refRequest reads the body, looks the project and the pipeline up and
// returns both forms of what is asked.
func (s *Server) refRequest(c *call) (refBody, RefRequest, error) {
	var b refBody
	r := RefRequest{Tenant: c.tenant, Actor: c.user.UID}
	raw, err := readBody(c)
	if err != nil {
		return b, r, err
	}
	project, err := s.deps.Layouts.Layout(c.tenant).Project(c.param("project_name"))
	if err != nil {
		return b, r, err
	}
	r.Project = project.CanonicalName
	if err := raw.into(&b); err != nil {
		return b, r, err
	}
	r.Pipeline, err = s.pipelineNamed(c, b.Pipeline)
	return b, r, err
}

// setChange reads "number,patchset".
func (r *RefRequest) setChange(text string) error {
	number, patchset, _ := strings.Cut(text, ",")
	var errNumber, errPatchset error
	r.Number, errNumber = strconv.Atoi(number)
	r.Patchset, errPatchset = strconv.Atoi(patchset)
	if errNumber != nil || errPatchset != nil || r.Number < 1 || r.Patchset < 1 {
		return invalid(`change must be "number,patchset", not %.100q`, text)
	}
	return nil
}

// accepted answers true with the position of the request.
func (s *Server) accepted(c *call, seq uint64, err error) error {
	if err != nil {
		return err
	}
	if seq > 0 {
		c.w.Header().Set("Gozer-Seq", strconv.FormatUint(seq, 10))
	}
	return c.jsonStatus(http.StatusOK, true)
}
