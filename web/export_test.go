package web

import (
	"time"

	"github.com/go-chi/chi/v5"
)

// Router is the router of everything under /api.
func (s *Server) Router() chi.Router { return s.router }

// SetPatience says how long clients of streams may take.
func (s *Server) SetPatience(d time.Duration) { s.patience = d }

// NotYet lists the routes that refuse with 501, as "METHOD pattern".
func NotYet() []string {
	var list []string
	for _, ny := range notYet {
		list = append(list, ny.method+" "+ny.pattern)
	}
	return list
}

// Collapse is what the router sees of a path.
var Collapse = collapse

// Index is the document of GET /api.
var Index = index

// RuneSplitter is exported for its fuzz test.
type RuneSplitter = runeSplitter

// Next is next.
func (s *runeSplitter) Next(p []byte) []byte { return s.next(p) }

// Rest is rest.
func (s *runeSplitter) Rest() []byte { return s.rest() }
