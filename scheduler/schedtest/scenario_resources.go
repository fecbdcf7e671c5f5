package schedtest

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// resourceVerbs are about semaphores, nodes and autohold.
var resourceVerbs = map[string]verbFunc{
	"global-semaphore":  (*Scenario).globalSemaphore,
	"relative-priority": func(s *Scenario, _ []string) error { s.layout.RelativePriority = true; return nil },
	// capacity limits the nodes of a label.
	"capacity": (*Scenario).capacity,
	// hold-nodes keeps node requests open, hold-grants the arbiter from granting.
	"hold-nodes":     func(s *Scenario, _ []string) error { s.world().HoldNodes = true; return nil },
	"release-nodes":  func(s *Scenario, _ []string) error { s.w.HoldNodes = false; s.settle(); return nil },
	"provide":        (*Scenario).provideOne,
	"hold-grants":    func(s *Scenario, _ []string) error { s.world().HoldGrants = true; return nil },
	"release-grants": func(s *Scenario, _ []string) error { s.w.HoldGrants = false; s.settle(); return nil },
	// others says how many holders of a global semaphore other tenants have.
	"others": (*Scenario).others,
	// playbook says that a running build comes to a playbook with semaphores,
	// playbook-ended that it is over.
	"playbook":        (*Scenario).playbook,
	"playbook-ended":  (*Scenario).playbookEnded,
	"autohold":        (*Scenario).autohold,
	"autohold-delete": (*Scenario).autoholdDelete,
	// wait lets time go by until something expires.
	"wait": (*Scenario).wait,

	"holders": (*Scenario).showHolders,
	// grants prints how many asks the arbiter has granted that were not given back.
	"grants":    func(s *Scenario, _ []string) error { s.out = fmt.Sprintln(len(s.w.Granted)); return nil },
	"requests":  (*Scenario).showRequests,
	"served":    (*Scenario).showServed,
	"nodes":     (*Scenario).showNodes,
	"autoholds": (*Scenario).showAutoholds,
}

// resourceAttribute reads the attributes of a job that are about resources.
func resourceAttribute(j *scheduler.FrozenJob, key, value string) bool {
	names := strings.Split(value, ",")
	switch key {
	case "semaphores", "resources-first":
		for _, n := range names {
			j.Semaphores = append(j.Semaphores, scheduler.SemaphoreName(n))
			if key == "resources-first" {
				j.ResourcesFirst = append(j.ResourcesFirst, scheduler.SemaphoreName(n))
			}
		}
		slices.Sort(j.Semaphores)
	case "playbook":
		p := scheduler.Playbook{Project: Canonical("org/project"), Branch: "master", Path: "run"}
		for _, n := range names {
			p.Semaphores = append(p.Semaphores, scheduler.SemaphoreName(n))
		}
		j.Run = append(j.Run, p)
	case "nodes":
		j.Nodeset = nodesetOf(names)
	case "or":
		j.Alternatives = append(j.Alternatives, nodesetOf(names))
	default:
		return false
	}
	return true
}

func nodesetOf(labels []string) scheduler.Nodeset {
	n := scheduler.Nodeset{}
	for i, l := range labels {
		if l != "" {
			n.Nodes = append(n.Nodes, scheduler.Node{Name: fmt.Sprint("node", i+1), Label: l})
		}
	}
	return n
}

func (s *Scenario) globalSemaphore(args []string) error {
	n, err := strconv.Atoi(args[1])
	if s.layout.GlobalSemaphores == nil {
		s.layout.GlobalSemaphores = map[scheduler.SemaphoreName]int{}
	}
	s.layout.GlobalSemaphores[scheduler.SemaphoreName(args[0])] = n
	return err
}

func (s *Scenario) capacity(args []string) (err error) {
	s.world().Capacity[args[0]], err = strconv.Atoi(args[1])
	return err
}

func (s *Scenario) others(args []string) (err error) {
	s.world().Others[scheduler.SemaphoreName(args[0])], err = strconv.Atoi(args[1])
	s.settle()
	return err
}

// provideOne lets the provider serve one request although they are held.
func (s *Scenario) provideOne([]string) error {
	s.settle()
	if !s.w.provide() {
		return fmt.Errorf("no request can be served")
	}
	s.settle()
	return nil
}

// atPlaybook finds the build of a job of a change.
func (s *Scenario) atPlaybook(job, items string) (*Build, error) {
	for _, b := range s.w.Running {
		ok, err := path.Match(job, string(b.Job.Name))
		if err == nil && ok && (s.items(b.Refs) == items || s.items(b.Items) == items) {
			return b, nil
		}
	}
	return nil, fmt.Errorf("no such build runs")
}

func (s *Scenario) playbook(args []string) error {
	b, err := s.atPlaybook(args[0], args[1])
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(args[2])
	c := scheduler.AskedSemaphores{Build: b.Build, Executor: "executor", Number: n}
	for _, name := range args[3:] {
		c.Semaphores = append(c.Semaphores, scheduler.SemaphoreName(name))
	}
	s.w.Do(c)
	s.settle()
	return err
}

func (s *Scenario) playbookEnded(args []string) error {
	b, err := s.atPlaybook(args[0], args[1])
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(args[2])
	s.w.Do(scheduler.ReturnedSemaphores{Build: b.Build, Number: n})
	s.settle()
	return err
}

// autohold asks to keep failing builds: "autohold PROJECT JOB count=2
// expires=1h change=A ref=...".
func (s *Scenario) autohold(args []string) error {
	w := s.world()
	c := scheduler.CreateAutohold{
		ID: scheduler.EventID(fmt.Sprint("autohold-", w.seq)), Project: Canonical(args[0]), Job: scheduler.JobName(args[1]),
		RefFilter: ".*", Count: 1, Reason: "look at it", Actor: "operator",
	}
	for _, a := range args[2:] {
		key, value, _ := strings.Cut(a, "=")
		var err error
		switch key {
		case "count":
			c.Count, err = strconv.Atoi(value)
		case "expires":
			c.NodeExpiration, err = time.ParseDuration(value)
		case "change":
			var ch *scheduler.Change
			if ch, err = s.change(value); err == nil {
				c.RefFilter = path.Dir(ch.Ref.Ref) + "/.*"
			}
		case "ref":
			c.RefFilter = value
		default:
			err = fmt.Errorf("unknown attribute %q", key)
		}
		if err != nil {
			return err
		}
	}
	w.Do(c)
	return nil
}

func (s *Scenario) autoholdDelete(args []string) error {
	s.w.Do(scheduler.DeleteAutohold{ID: scheduler.EventID(fmt.Sprint("delete-", s.w.seq)), Autohold: scheduler.AutoholdID(args[0]), Actor: "operator"})
	s.settle()
	return nil
}

// wait lets time go by; the core is told only when something is due.
func (s *Scenario) wait(args []string) error {
	d, err := time.ParseDuration(args[0])
	end := s.w.Now.Add(d)
	for next := scheduler.NextTick(s.w.S); !next.IsZero() && !next.After(end); next = scheduler.NextTick(s.w.S) {
		s.w.Now = next
		s.w.Do(scheduler.Tick{})
		s.settle()
	}
	s.w.Now = end
	return err
}
