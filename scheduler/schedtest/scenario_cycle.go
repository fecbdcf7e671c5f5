package schedtest

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// cycleVerbs describe changes that need each other and what becomes of them.
var cycleVerbs = map[string]verbFunc{
	// circular and by-topic set what the queues of projects allow.
	"circular": func(s *Scenario, a []string) error {
		return s.queueOption(a, func(p *scheduler.ProjectConfig) { p.AllowCircularDependencies = true })
	},
	"by-topic": func(s *Scenario, a []string) error {
		return s.queueOption(a, func(p *scheduler.ProjectConfig) { p.DependenciesByTopic = true })
	},
	"topic": func(s *Scenario, a []string) error {
		return s.each(a[1:], func(c *scheduler.Change) { c.Topic = a[0] })
	},
	// unneed takes a dependency back without telling anybody.
	"unneed": (*Scenario).unneed,
	// merge lets people merge changes past the gate, without telling anybody.
	"merge": func(s *Scenario, a []string) error {
		return s.each(a, func(c *scheduler.Change) { c.Merged, c.Open = true, false })
	},
	// refuse lets the review system refuse to merge changes.
	"refuse": (*Scenario).refuse,
}

// queueOption changes the settings of projects; settings of one queue are the
// same for all its projects.
func (s *Scenario) queueOption(names []string, set func(*scheduler.ProjectConfig)) error {
	l := *s.layout
	l.Projects = maps.Clone(l.Projects)
	s.layout = &l
	for _, name := range names {
		p, ok := l.Projects[Canonical(name)]
		if !ok {
			return fmt.Errorf("no project %q", name)
		}
		set(&p)
		l.Projects[Canonical(name)] = p
	}
	return nil
}

func (s *Scenario) unneed(args []string) error {
	c, err := s.change(args[0])
	if err != nil {
		return err
	}
	return s.each(args[1:], func(n *scheduler.Change) {
		c.Needs = slices.DeleteFunc(slices.Clone(c.Needs), func(x scheduler.Need) bool { return x.Change == n.Key() })
	})
}

func (s *Scenario) refuse(args []string) error {
	refused := map[scheduler.ChangeKey]bool{}
	s.world().Refuses = func(r scheduler.Ref) bool { return refused[r.Key()] }
	return s.each(args, func(c *scheduler.Change) { refused[c.Key()] = true })
}
