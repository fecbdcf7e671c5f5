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
	"stop":    (*Scenario).stop,
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
