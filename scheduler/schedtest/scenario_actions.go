package schedtest

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// actionVerbs are what people, sources and machines do.
var actionVerbs = map[string]verbFunc{
	"change":   (*Scenario).newChange,
	"needs":    func(s *Scenario, a []string) error { return s.need(a, false) },
	"parent":   func(s *Scenario, a []string) error { return s.need(a, true) },
	"approve":  func(s *Scenario, a []string) error { return s.each(a, s.world().Gate) },
	"vote":     (*Scenario).vote,
	"event":    (*Scenario).event,
	"patchset": func(s *Scenario, a []string) error { return s.each(a, s.patchset) },
	"abandon":  func(s *Scenario, a []string) error { return s.each(a, s.abandon) },
	"withdraw": func(s *Scenario, a []string) error { return s.each(a, s.withdraw) },
	"enqueue":  func(s *Scenario, a []string) error { return s.command(a, true) },
	"dequeue":  func(s *Scenario, a []string) error { return s.command(a, false) },

	"fail":         (*Scenario).failing,
	"pass":         func(s *Scenario, _ []string) error { s.fails = nil; return nil },
	"conflict":     (*Scenario).clash,
	"config-error": (*Scenario).configError,
	"push":         (*Scenario).push,

	"hold":    func(s *Scenario, a []string) error { return s.hold(a, true) },
	"release": (*Scenario).release,
	"lose":    (*Scenario).lose,
	"settle":  func(s *Scenario, _ []string) error { s.settle(); return nil },
	// undrained says that items may be left at the end.
	"undrained": func(s *Scenario, _ []string) error { s.undrained = true; return nil },
}

func (s *Scenario) newChange(args []string) error {
	if len(args) < 2 || s.changes[args[0]] != nil {
		return fmt.Errorf("want a new name and a project")
	}
	c := s.world().NewChange(len(s.changes)+1, args[1])
	if len(args) > 2 {
		c.Branch = args[2]
	}
	s.changes[args[0]], s.names[c.Number] = c, args[0]
	return nil
}

func (s *Scenario) need(args []string, parent bool) error {
	c, err := s.change(args[0])
	if err != nil {
		return err
	}
	return s.each(args[1:], func(n *scheduler.Change) {
		need := scheduler.Need{Change: n.Key(), Parent: parent}
		if parent {
			need.Patchset = n.Patchset
		}
		c.Needs = append(c.Needs, need)
	})
}

// vote gives a change a label without telling anybody; the approval when none
// is named.
func (s *Scenario) vote(args []string) error {
	c, err := s.change(args[0])
	if err != nil {
		return err
	}
	if len(args) == 1 {
		s.w.Approve(c)
		return nil
	}
	v := scheduler.Vote{Label: args[1], Username: "user"}
	_, err = fmt.Sscan(args[2], &v.Value)
	c.Votes = append(c.Votes, v)
	return err
}

func (s *Scenario) event(args []string) error {
	return s.each(args[1:], func(c *scheduler.Change) { s.w.Trigger(args[0], c, nil) })
}

func (s *Scenario) patchset(c *scheduler.Change) {
	s.w.NewPatchset(c)
	s.w.Trigger("patchset-created", c, nil)
}

func (s *Scenario) abandon(c *scheduler.Change) {
	c.Open = false
	s.w.Trigger("change-abandoned", c, nil)
}

func (s *Scenario) withdraw(c *scheduler.Change) {
	s.w.Unapprove(c)
	s.w.Trigger("comment-added", c, nil)
}

func (s *Scenario) command(args []string, enqueue bool) error {
	p := scheduler.PipelineName(args[0])
	return s.each(args[1:], func(c *scheduler.Change) {
		id := scheduler.EventID(fmt.Sprint("command-", s.w.seq))
		if enqueue {
			s.w.Do(scheduler.EnqueueRef{ID: id, Pipeline: p, Ref: c.Ref, Changes: s.w.Closure(c.Key()), Actor: "operator"})
		} else {
			s.w.Do(scheduler.DequeueRef{ID: id, Pipeline: p, Ref: c.Ref, Actor: "operator"})
		}
	})
}

func (s *Scenario) failing(args []string) error {
	c, err := s.change(args[1])
	if err != nil {
		return err
	}
	f := failure{job: args[0], change: c.Number, result: scheduler.ResultFailure}
	if len(args) > 2 {
		f.result = scheduler.Result(args[2])
	}
	s.fails = append(s.fails, f)
	return nil
}

func (s *Scenario) clash(args []string) error {
	a, err := s.change(args[0])
	if err != nil {
		return err
	}
	return s.each(args[1:], func(b *scheduler.Change) { s.clashes = append(s.clashes, [2]int{a.Number, b.Number}) })
}

func (s *Scenario) configError(args []string) error {
	c, err := s.change(args[0])
	if err == nil {
		s.broken[c.Number] = strings.Join(args[1:], " ")
	}
	return err
}

// push moves the branch of a change from outside.
func (s *Scenario) push(args []string) error {
	return s.each(args, func(c *scheduler.Change) {
		key := branchKey(c.Ref)
		s.w.Tips[key] = mergeHash(s.w.Tips[key], "push")
	})
}

func (s *Scenario) hold(args []string, on bool) error {
	w := s.world()
	switch {
	case len(args) == 0:
		w.Hold = on
	case args[0] == "executors":
		w.HoldExecutors = on
	case args[0] == "loading":
		w.HoldLoading = on
	case args[0] == "landing":
		w.HoldLanding = on
	default:
		return fmt.Errorf("hold what?")
	}
	return nil
}

// release ends held builds: all, those of a job (a pattern such as *-merge),
// or those of a job and a change. "release all" ends the holding too.
func (s *Scenario) release(args []string) error {
	w := s.w
	switch args[0] {
	case "all":
		w.Hold, w.HoldExecutors, w.HoldLoading, w.HoldLanding = false, false, false, false
		s.settle()
		return nil
	case "executors", "loading", "landing":
		err := s.hold(args, false)
		s.settle()
		return err
	}
	s.settle()
	meant := func(b scheduler.StartBuild) bool {
		ok, _ := path.Match(args[0], string(b.Job.Name))
		own, _ := path.Match(args[0], s.jobName(b.Job, b.Refs))
		return (ok || own) && (len(args) == 1 || s.items(b.Refs) == args[1] || s.items(b.Items) == args[1])
	}
	w.take(meant)
	found := false
	for _, b := range slices.Clone(w.Running) {
		if !meant(b.StartBuild) {
			continue
		}
		found = true
		if slices.Contains(w.Running, b) { // what was released first may have cancelled it
			w.Finish(b)
			s.settle()
		}
	}
	if !found {
		return fmt.Errorf("no such build is held")
	}
	return nil
}

// lose ends the executor with all that it runs.
func (s *Scenario) lose([]string) error {
	for _, b := range s.w.Running {
		b.Result = "LOST"
		s.w.History = append(s.w.History, b)
	}
	s.w.Running = nil
	s.w.Do(scheduler.LostExecutor{Executor: "executor"})
	return nil
}
