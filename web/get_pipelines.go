package web

import "github.com/gozer-ci/gozer/scheduler"

// getPipelines lists pipelines in configuration order.
func (s *Server) getPipelines(c *call) error {
	type trigger struct {
		Name   string `json:"name"`
		Driver string `json:"driver"`
	}
	type pipeline struct {
		Name     scheduler.PipelineName `json:"name"`
		Triggers []trigger              `json:"triggers"`
	}
	list := []pipeline{}
	for _, p := range s.deps.Layouts.Layout(c.tenant).Pipelines() {
		out := pipeline{Name: p.Name, Triggers: []trigger{}}
		for _, t := range p.Triggers {
			out.Triggers = append(out.Triggers, trigger(t))
		}
		list = append(list, out)
	}
	return c.json(list)
}
