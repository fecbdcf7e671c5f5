package schedtest

import (
	"fmt"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// resourceLayout gives histories a semaphore that tenants share and, some,
// relative priority.
func resourceLayout(l *scheduler.Layout, seed uint64) {
	l.Semaphores = map[scheduler.SemaphoreName]int{"pool": 2}
	l.GlobalSemaphores = map[scheduler.SemaphoreName]int{"shared": 1 + int(seed%2)}
	l.RelativePriority = seed%7 < 3
}

// withResources gives the jobs of a change semaphores and nodes, each history
// in its own way.
func withResources(g *scheduler.JobGraph, seed uint64, number int) {
	nodes := nodesetOf([]string{"small"})
	merge, test1, test2 := &g.Jobs[0], &g.Jobs[1], &g.Jobs[2]
	kind := seed % 6
	switch kind {
	case 1:
		test1.Nodeset, test1.Alternatives = nodesetOf([]string{"missing"}), []scheduler.Nodeset{nodesetOf([]string{"small", "large"})}
		test2.Nodeset = nodes
		test2.Semaphores = []scheduler.SemaphoreName{"database"}
	case 2:
		merge.Nodeset = nodes
		test1.Semaphores = []scheduler.SemaphoreName{"database", "shared"}
		test2.Semaphores = []scheduler.SemaphoreName{"database", "pool"}
	case 3:
		test1.Nodeset, test2.Nodeset = nodes, nodes
		test1.Semaphores, test1.ResourcesFirst = []scheduler.SemaphoreName{"database", "pool", "shared"}, []scheduler.SemaphoreName{"database", "shared"}
		test2.Semaphores, test2.ResourcesFirst = []scheduler.SemaphoreName{"database", "pool"}, []scheduler.SemaphoreName{"pool"}
	case 4:
		test1.Run = []scheduler.Playbook{{Path: "run", Semaphores: []scheduler.SemaphoreName{"database", "shared"}}}
		test2.Semaphores = []scheduler.SemaphoreName{"database"}
	}
	if kind != 0 && number%11 == 0 {
		test2.Nodeset = nodesetOf([]string{"missing"})
	}
	g.Hash += scheduler.Hash(fmt.Sprint(kind, number%11 == 0))
}

func (h *History) resourceMoves(faults bool) []func() {
	m := []func(){h.playbook, h.playbook, h.playbook, h.playbook, h.playbookEnded, h.autohold, h.tick, h.others}
	for range 10 {
		m = append(m, h.serve)
	}
	if faults {
		m = append(m, h.deleteAutohold)
	}
	return m
}

// serve lets provider and arbiter answer in any order.
func (h *History) serve() {
	if h.rng.IntN(2) == 0 {
		h.W.provide()
	} else {
		h.W.grant()
	}
}

// playbook lets a running build come to a playbook with semaphores.
func (h *History) playbook() {
	for _, b := range h.W.Running {
		if len(b.Job.Run) > 0 && b.Playbooks < 3 {
			b.Playbooks++
			h.W.Do(scheduler.AskedSemaphores{Build: b.Build, Executor: "executor", Number: b.Playbooks, Semaphores: b.Job.Run[0].Semaphores})
			return
		}
	}
}

func (h *History) playbookEnded() {
	if n := len(h.W.Running); n > 0 {
		if b := h.W.Running[h.rng.IntN(n)]; b.Playbooks > 0 {
			h.W.Do(scheduler.ReturnedSemaphores{Build: b.Build, Number: b.Playbooks})
		}
	}
}

func (h *History) autohold() {
	h.W.Do(scheduler.CreateAutohold{
		ID: scheduler.EventID(fmt.Sprint("autohold-", h.W.seq)), Project: Canonical([]string{"org/project", "org/project1"}[h.rng.IntN(2)]), Job: "project-test1", RefFilter: ".*",
		Count: h.rng.IntN(4), NodeExpiration: time.Duration(h.rng.IntN(2)) * time.Minute, Actor: "operator",
	})
}

func (h *History) deleteAutohold() {
	if list := h.W.S.Autoholds; len(list) > 0 {
		h.W.Do(scheduler.DeleteAutohold{
			ID: scheduler.EventID(fmt.Sprint("delete-", h.W.seq)), Autohold: list[h.rng.IntN(len(list))].ID, Actor: "operator",
		})
	}
}

// tick lets what is due expire, now and then a day later.
func (h *History) tick() {
	if h.rng.IntN(8) == 0 {
		h.W.Now = h.W.Now.Add(25 * time.Hour)
	}
	h.W.Do(scheduler.Tick{})
	if next := scheduler.NextTick(h.W.S); !next.IsZero() && !next.After(h.W.Now) {
		h.fault("expiry", "what was due at %s is still there", next)
	}
}

// others lets another tenant take a shared semaphore, or give it back.
func (h *History) others() {
	n := h.W.S.Layout.GlobalSemaphores["shared"]
	if h.W.Others["shared"] > 0 {
		h.W.Others["shared"]--
	} else if h.W.taken("shared") < n {
		h.W.Others["shared"]++
	}
}

// drainResources gives back what other tenants and autoholds have, so that all
// can end.
func (h *History) drainResources() {
	h.W.Others["shared"] = 0
	for len(h.W.S.Autoholds) > 0 {
		h.deleteAutohold()
	}
}
