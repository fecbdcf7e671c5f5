package sim

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// executor runs builds. It lives in a server, or on its own behind an external
// broker.
type executor struct {
	name scheduler.ExecutorName
	host *process
	// reachable is false while it is cut off; what it runs goes on.
	reachable bool
	running   []*running
	// settled are builds that ended here; canceled those that shall not begin.
	settled, canceled map[scheduler.BuildID]bool
}

// running is one build on one executor.
type running struct {
	t *tenant
	f scheduler.StartBuild
	// paused says that it waits for the jobs behind it, resumed that it need
	// not any more, failing that it said that it will fail.
	paused, resumed, failing bool
}

// ran is what came of a build on an executor.
type ran struct {
	f      scheduler.StartBuild
	result scheduler.Result
}

// task is a build request in the broker; holder has it, nil while it waits.
type task struct {
	f      scheduler.StartBuild
	holder *executor
}

// join adds an executor, inside a server or on its own.
func (s *Sim) join(host *process) {
	s.ordinal++
	s.executors = append(s.executors, &executor{
		name: scheduler.ExecutorName(fmt.Sprint("executor-", s.ordinal)), host: host, reachable: true,
		settled: map[scheduler.BuildID]bool{}, canceled: map[scheduler.BuildID]bool{},
	})
}

// leave takes the executors away that lived in a server.
func (s *Sim) leave(host *process) {
	s.executors = slices.DeleteFunc(s.executors, func(e *executor) bool { return e.host == host })
}

// alive says which executors the process can count on.
func (p *process) alive(name scheduler.ExecutorName) bool {
	return slices.ContainsFunc(p.s.executors, func(e *executor) bool {
		return e.name == name && e.reachable && (e.host == nil || e.host == p)
	})
}

// queue publishes work. While a task of the same build is there it changes
// nothing.
func (t *tenant) queue(f scheduler.StartBuild) {
	if !slices.ContainsFunc(t.work, func(w *task) bool { return w.f.Build == f.Build }) {
		t.work = append(t.work, &task{f: f})
	}
}

// cancel drops work that waits and tells the executors, who may not hear it.
func (t *tenant) cancel(b scheduler.BuildID) {
	t.work = slices.DeleteFunc(t.work, func(w *task) bool { return w.f.Build == b && w.holder == nil })
	for _, e := range t.s.executors {
		if !e.reachable || t.s.strikes("cancel lost") {
			continue
		}
		i := slices.IndexFunc(e.running, func(r *running) bool { return r.f.Build == b })
		if i < 0 {
			e.canceled[b] = true
			continue
		}
		e.running = slices.Delete(e.running, i, i+1)
		e.settled[b] = true
		t.settle(b, e)
	}
}

// settle drops the task that an executor has done.
func (t *tenant) settle(b scheduler.BuildID, e *executor) {
	t.work = slices.DeleteFunc(t.work, func(w *task) bool { return w.f.Build == b && w.holder == e })
}

// take lets an executor begin a build that waits.
func (s *Sim) take(t *tenant) bool {
	var ready []*executor
	for _, e := range s.executors {
		if e.reachable {
			ready = append(ready, e)
		}
	}
	var waiting []*task
	for _, w := range t.work {
		if w.holder == nil {
			waiting = append(waiting, w)
		}
	}
	if len(ready) == 0 || len(waiting) == 0 {
		return false
	}
	e, w := pick(s, ready), pick(s, waiting)
	w.holder = e
	id := w.f.Build
	if slices.ContainsFunc(e.running, func(r *running) bool { return r.f.Build == id }) {
		return true // the delivery that runs keeps it
	}
	if e.settled[id] || e.canceled[id] {
		t.settle(id, e)
		return true
	}
	s.tell("%s runs %s of %s", e.name, w.f.Job.Name, itemsOf(w.f.Items))
	e.running = append(e.running, &running{t: t, f: w.f})
	t.publish(scheduler.StartedBuild{Build: id, Executor: e.name, Time: s.now})
	return true
}

// finish ends a build of a tenant that runs somewhere.
func (s *Sim) finish(t *tenant) bool {
	type place struct {
		e *executor
		r *running
	}
	var all []place
	for _, e := range s.executors {
		for _, r := range e.running {
			if r.t == t && e.reachable && !r.waits() {
				all = append(all, place{e, r})
			}
		}
	}
	if len(all) == 0 {
		return false
	}
	x := pick(s, all)
	f := x.r.f
	result := t.outcome(f)
	switch {
	case x.r.paused && !x.r.resumed:
		result = scheduler.ResultTimedOut
	case x.r.failing:
		result = scheduler.ResultFailure
	case result == scheduler.ResultSuccess && t.pause(x.e, x.r):
		return true
	}
	x.e.running = slices.DeleteFunc(x.e.running, func(r *running) bool { return r == x.r })
	x.e.settled[f.Build] = true
	t.ran[f.Build] = append(t.ran[f.Build], ran{f, result})
	s.tell("%s ends %s of %s: %s", x.e.name, f.Job.Name, itemsOf(f.Items), result)
	t.publish(scheduler.CompletedBuild{
		Build: f.Build, Executor: x.e.name, Result: result, Returned: t.returns(f), Time: s.now,
	})
	t.settle(f.Build, x.e)
	return true
}

// publish sends an executor's answer to the tenant's engine by way of the
// broker, which may store it twice.
func (t *tenant) publish(c scheduler.Command) {
	data, err := wire.EncodeCommand(c)
	if err != nil {
		t.s.fail("wire", "encode %T: %v", c, err)
		return
	}
	n := 1
	if t.s.strikes("result published twice") {
		n = 2
	}
	for range n {
		t.sent++
		t.results = append(t.results, &result{number: t.sent, data: data})
	}
}

// deliver hands a result to an engine, whichever of them it is.
func (s *Sim) deliver(t *tenant) bool {
	x := s.server(t)
	if x == nil || x.err != nil || len(t.results) == 0 {
		return false
	}
	waiting := slices.DeleteFunc(slices.Clone(t.results), func(r *result) bool { return r.holder != nil })
	if s.strikes("delivery again") {
		waiting = t.results
	}
	if len(waiting) == 0 {
		return false
	}
	r := pick(s, waiting)
	c, err := wire.DecodeCommand(r.data)
	if err != nil {
		s.fail("wire", "decode an answer: %v", err)
		return false
	}
	r.holder = x.p
	n := r.number
	x.engine.Submit(engine.Delivery{Command: c, Committed: x.committed(c, func() { t.answered(n) })})
	return true
}

// expire gives the tasks of executors that can't be reached to others; sometimes
// one whose executor is well but slow.
func (s *Sim) expire(t *tenant) bool {
	did := false
	for _, w := range t.work {
		if w.holder == nil {
			continue
		}
		gone := !w.holder.reachable || !slices.Contains(s.executors, w.holder)
		if gone || s.strikes("lease ends early") {
			w.holder = nil
			did = true
		}
	}
	return did
}

// monitor tells the engine which executors of its builds are gone. It looks at
// what is and not at what changed, so that nothing is missed.
func (s *Sim) monitor(t *tenant) bool {
	x := s.server(t)
	if x == nil || x.err != nil {
		return false
	}
	did := false
	for _, name := range scheduler.Executors(x.engine.State()) {
		if !x.p.alive(name) {
			x.submit(scheduler.LostExecutor{Executor: name})
			did = true
		}
	}
	return did
}

func itemsOf(refs []scheduler.Ref) string {
	out := ""
	for i, r := range refs {
		if i > 0 {
			out += "+"
		}
		out += r.ID()
	}
	return out
}
