package web

import (
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// jobInfoDoc is one line of the list of jobs; empty keys are left out.
type jobInfoDoc struct {
	Name        scheduler.JobName   `json:"name"`
	Description string              `json:"description,omitempty"`
	Variants    []jobVariantInfoDoc `json:"variants,omitempty"`
	Tags        []string            `json:"tags,omitempty"`
}

type jobVariantInfoDoc struct {
	Parent   string   `json:"parent,omitempty"`
	Branches []string `json:"branches,omitempty"`
}

// getJobs lists the jobs by name.
func (s *Server) getJobs(c *call) error {
	list := []jobInfoDoc{}
	for _, j := range s.deps.Layouts.Layout(c.tenant).Jobs() {
		first, _, _ := strings.Cut(j.Description, "\n")
		doc := jobInfoDoc{Name: j.Name, Description: first, Tags: j.Tags}
		for _, v := range j.Variants {
			if v.Parent != "" || len(v.Branches) > 0 {
				doc.Variants = append(doc.Variants, jobVariantInfoDoc(v))
			}
		}
		list = append(list, doc)
	}
	return c.json(list)
}
