package schedtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// configVerbs let a scenario speak the configuration language: the layout and
// the jobs come from sections of the file, read as the program reads them.
//
//	tenant tenants.yaml                     the section is the tenant file
//	file org/project@master:zuul.yaml SECTION
//	edit A zuul.yaml SECTION                what a change writes
//	touch A doc/index.md                    files whose content does not matter
//	problems                                of the configuration in force
//	frozen A                                the jobs of a change's item
//	frozen A python27                       all about one of them
var configVerbs = map[string]verbFunc{
	"tenant":   (*Scenario).tenantFile,
	"file":     (*Scenario).branchFile,
	"edit":     (*Scenario).edit,
	"touch":    (*Scenario).touch,
	"problems": (*Scenario).showProblems,
	"frozen":   (*Scenario).showFrozen,
}

func (s *Scenario) section(name string) (string, error) {
	text, ok := s.archive.sections[name]
	if !ok {
		return "", fmt.Errorf("no section %q", name)
	}
	return text, nil
}

func (s *Scenario) tenantFile(args []string) error {
	text, err := s.section(args[0])
	if err != nil {
		return err
	}
	s.repos, err = newRepos(text)
	return err
}

// branchFile writes a file to a branch, before anything happens or between two
// reconfigurations.
func (s *Scenario) branchFile(args []string) error {
	place, path, ok := strings.Cut(args[0], ":")
	project, branch, ok2 := strings.Cut(place, "@")
	if !ok || !ok2 || s.repos == nil {
		return fmt.Errorf("want project@branch:path behind the tenant file")
	}
	text, err := s.section(args[len(args)-1])
	s.repos.write(projectBranch{Canonical(project), branch}, path, text)
	return err
}

func (s *Scenario) edit(args []string) error {
	c, err := s.change(args[0])
	if err != nil {
		return err
	}
	text, err := s.section(args[len(args)-1])
	if s.repos.edits[c.Number] == nil {
		s.repos.edits[c.Number] = map[string]string{}
	}
	s.repos.edits[c.Number][args[1]] = text
	return err
}

func (s *Scenario) touch(args []string) error {
	c, err := s.change(args[0])
	if err != nil {
		return err
	}
	if s.repos.edits[c.Number] == nil {
		s.repos.edits[c.Number] = map[string]string{}
	}
	for _, path := range args[1:] {
		s.repos.edits[c.Number][path] = "touched\n"
	}
	return nil
}

// loadRepos makes what stands in the files the layout to be loaded next.
func (s *Scenario) loadRepos() {
	if s.repos != nil {
		s.layout = s.repos.load().Core()
	}
}

// bringIn brings what a change edits to its branch, and reports whether it is
// configuration.
func (s *Scenario) bringIn(r scheduler.Ref) bool {
	if s.repos == nil {
		_, adds := s.adds[r.Number]
		return adds
	}
	s.repos.land(r)
	if !s.repos.asks(r) {
		return false
	}
	s.loadRepos()
	s.w.Layout = s.layout
	return true
}

func (s *Scenario) showProblems([]string) error {
	s.world()
	s.out = s.repos.latest.Problems().String()
	return nil
}

// showFrozen prints the jobs of the newest item that holds a change.
func (s *Scenario) showFrozen(args []string) error {
	c, err := s.change(args[0])
	if err != nil {
		return err
	}
	graph, refs := s.graphOf(c)
	var b strings.Builder
	for i := range graph.Jobs {
		j := &graph.Jobs[i]
		switch {
		case len(args) == 1:
			s.frozenLine(&b, j, refs)
		case args[1] == string(j.Name):
			s.frozenJob(&b, j, refs)
		}
	}
	if b.Len() == 0 {
		b.WriteString("no jobs\n")
	}
	s.out = b.String()
	return nil
}

// graphOf finds the jobs that were frozen last for a change, in the log: the
// item may have left.
func (s *Scenario) graphOf(c *scheduler.Change) (*scheduler.JobGraph, []scheduler.Ref) {
	refs := map[scheduler.ItemID][]scheduler.Ref{}
	graph, of := &scheduler.JobGraph{}, []scheduler.Ref(nil)
	for _, e := range s.w.Events {
		switch e := e.(type) {
		case scheduler.ItemEnqueued:
			refs[e.Item] = e.Refs
		case scheduler.ItemPrepared:
			holds := slices.ContainsFunc(refs[e.Item], func(r scheduler.Ref) bool { return r.Key() == c.Key() })
			if holds && e.Graph != nil {
				graph, of = e.Graph, refs[e.Item]
			}
		}
	}
	return graph, of
}

// tested names the refs that a job of a cycle is for.
func (s *Scenario) tested(j *scheduler.FrozenJob, refs []scheduler.Ref) string {
	if len(refs) < 2 {
		return ""
	}
	var own []scheduler.Ref
	for i := range refs {
		if j.Serves(i) {
			own = append(own, refs[i])
		}
	}
	return " for " + s.items(own)
}

func (s *Scenario) frozenLine(b *strings.Builder, j *scheduler.FrozenJob, refs []scheduler.Ref) {
	line := string(j.Name) + s.tested(j, refs)
	for _, d := range j.Dependencies {
		line += " after " + string(d.Name)
		if len(refs) > 1 {
			line += " of " + s.items(refs[d.Ref:d.Ref+1])
		}
		if d.Soft {
			line += " if it runs"
		}
	}
	if !j.Voting {
		line += " (non-voting)"
	}
	b.WriteString(line + "\n")
}

// frozenJob prints what a build of the job would be told; what is unset is left
// out.
func (s *Scenario) frozenJob(b *strings.Builder, j *scheduler.FrozenJob, refs []scheduler.Ref) {
	fmt.Fprintf(b, "%s%s\n", j.Name, s.tested(j, refs))
	row := func(name string, values ...string) {
		if text := strings.Join(values, " "); text != "" {
			fmt.Fprintf(b, "  %-10s %s\n", name, text)
		}
	}
	row("voting", fmt.Sprint(j.Voting))
	if j.Timeout > 0 {
		row("timeout", fmt.Sprint(int(j.Timeout/time.Second)))
	}
	row("attempts", fmt.Sprint(j.Attempts))
	for _, n := range append([]scheduler.Nodeset{j.Nodeset}, j.Alternatives...) {
		for _, m := range n.Nodes {
			row("node", m.Name, m.Label)
		}
	}
	row("pre-run", paths(j.PreRun)...)
	row("run", paths(j.Run)...)
	row("post-run", paths(j.PostRun)...)
	row("vars", string(j.Vars))
	row("semaphores", names(j.Semaphores)...)
	row("provides", j.Provides...)
	row("requires", j.Requires...)
}

func paths(books []scheduler.Playbook) []string {
	out := make([]string, len(books))
	for i, p := range books {
		out[i] = p.Path
	}
	return out
}

func names[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = string(n)
	}
	return out
}
