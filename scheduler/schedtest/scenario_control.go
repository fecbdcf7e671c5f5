package schedtest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// controlVerbs stop queues of the tenant and let them go on.
//
//	stop triggers for maintenance
//	stop results while the forge is away
//	discard triggers of a flood
//	resume
var controlVerbs = map[string]verbFunc{
	"stop": (*Scenario).stop,
	// limit sets what a tenant allows: limit dependencies=2 changes=1
	"limit":   (*Scenario).limit,
	"listens": (*Scenario).listens,
	"dequeue-ref": func(s *Scenario, a []string) error {
		s.w.Do(scheduler.DequeueRef{
			ID: scheduler.EventID(fmt.Sprint("command-", s.w.seq)), Pipeline: scheduler.PipelineName(a[0]), Actor: "operator",
			Ref: scheduler.Ref{Project: Canonical(a[1]), Ref: a[2]},
		})
		return nil
	},
	// from moves a change to another connection: from A forge
	"from": func(s *Scenario, a []string) error {
		return s.each(a[:1], func(c *scheduler.Change) { c.Connection = scheduler.ConnectionName(a[1]) })
	},
	"aimed":   (*Scenario).aimed,
	"discard": func(s *Scenario, a []string) error { return s.control(false, true, false, a[1:]) },
	"resume":  func(s *Scenario, a []string) error { return s.control(false, false, false, nil) },
}

// controlExpect count what waits: "expect waiting triggers 1".
var controlExpect = map[string]verbFunc{
	"waiting": func(s *Scenario, a []string) error {
		n := len(s.w.S.Results)
		if a[0] == "triggers" {
			n = len(s.w.S.Inbox)
		}
		return same(strconv.Itoa(n), a[1])
	},
}

func (s *Scenario) stop(args []string) error {
	switch args[0] {
	case "triggers":
		return s.control(true, false, false, args[1:])
	case "results":
		return s.control(false, false, true, args[1:])
	}
	return fmt.Errorf("stop what?")
}

func (s *Scenario) control(pause, discard, results bool, why []string) error {
	w := s.world()
	w.Do(scheduler.ControlQueues{
		ID:            scheduler.EventID(fmt.Sprint("command-", w.seq)),
		TriggerPaused: &pause, TriggerDiscarding: &discard, ResultPaused: &results,
		Actor: "operator", Reason: strings.Join(why, " "),
	})
	return nil
}

// control lets queues stand still for a while in a random history.
func (h *History) control() {
	wish := func() *bool {
		if h.rng.IntN(2) == 0 {
			return nil
		}
		on := h.rng.IntN(3) == 0
		return &on
	}
	c := scheduler.ControlQueues{
		ID:            scheduler.EventID(fmt.Sprint("control-", h.W.seq)),
		TriggerPaused: wish(), ResultPaused: wish(), Actor: "operator", Reason: "random",
	}
	if off := false; h.rng.IntN(12) == 0 {
		c.TriggerDiscarding = wish()
	} else {
		c.TriggerDiscarding = &off
	}
	h.W.Do(c)
}

// resume ends what control began.
func (h *History) resume() {
	off := false
	h.W.Do(scheduler.ControlQueues{
		ID:            scheduler.EventID(fmt.Sprint("control-", h.W.seq)),
		TriggerPaused: &off, TriggerDiscarding: &off, ResultPaused: &off, Actor: "operator",
	})
}

func (s *Scenario) limit(args []string) error {
	l := *s.layout
	for _, a := range args {
		key, value, _ := strings.Cut(a, "=")
		n, err := strconv.Atoi(value)
		if err != nil {
			return err
		}
		switch key {
		case "dependencies":
			l.MaxDependencies = n
		case "changes":
			l.MaxChanges = n
		default:
			return fmt.Errorf("no limit %q", key)
		}
	}
	s.layout = &l
	return nil
}

// listens lets a pipeline be triggered by an internal event, that of an
// enqueued parent only from the pipelines named.
//
//	listens check parent-change-enqueued gate
func (s *Scenario) listens(args []string) error {
	return s.editPipeline(args[0], func(p *scheduler.PipelineConfig) {
		f := scheduler.EventFilter{Connection: scheduler.ZuulConnection, Types: patterns(args[1])}
		if len(args) > 2 {
			f.Pipelines = patterns(args[2:]...)
		}
		p.Triggers = append(p.Triggers[:len(p.Triggers):len(p.Triggers)], f)
	})
}

// aimed sends an event that is meant for one pipeline alone.
func (s *Scenario) aimed(args []string) error {
	return s.each(args[2:], func(c *scheduler.Change) {
		s.w.Trigger(args[1], c, func(e *scheduler.TriggerEvent) { e.Target = scheduler.PipelineName(args[0]) })
	})
}
