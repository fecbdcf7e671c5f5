package sim

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/internal/engine"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// lane is what one part of a process still has to do of one kind, in order,
// like a lane of the pools of package app.
type lane struct {
	name  string
	tasks []scheduler.Effect
}

// ask takes an effect of an engine. It looks whether the log has its cause,
// since nothing may happen that is not decided for good.
func (x *part) ask(f scheduler.Effect) {
	s := x.p.s
	if x.p.dead {
		return
	}
	x.t.watch.cause(f)
	if s.strikes("crash between effects") {
		x.p.die()
		return
	}
	if x.p.share(f) {
		return
	}
	name := laneOf(f)
	i := slices.IndexFunc(x.lanes, func(l *lane) bool { return l.name == name })
	if i < 0 {
		x.lanes = append(x.lanes, &lane{name: name})
		i = len(x.lanes) - 1
	}
	x.lanes[i].tasks = append(x.lanes[i].tasks, f)
}

func laneOf(f scheduler.Effect) string {
	switch f := f.(type) {
	case scheduler.LoadLayout:
		return "layout"
	case scheduler.PrepareItem:
		return "prepare/" + string(f.Buildset)
	case scheduler.StartBuild:
		return "build/" + string(f.Build)
	case scheduler.CancelBuild:
		return "build/" + string(f.Build)
	case scheduler.ResumeBuild:
		return "build/" + string(f.Build)
	case scheduler.FindArtifacts:
		return "find/" + string(f.Buildset)
	case scheduler.FindOpenChanges:
		return "open/" + string(f.Report)
	case scheduler.ReleaseHold:
		return "hold/" + string(f.Build)
	case scheduler.Report:
		return fmt.Sprintf("report/%s/%s", f.Refs[0].Project, f.Refs[0].ID())
	}
	panic(fmt.Sprintf("sim: nobody performs %T", f))
}

// perform carries out the first task of one lane that is ready.
func (x *part) perform() bool {
	var ready []int
	for i, l := range x.lanes {
		if _, prepare := l.tasks[0].(scheduler.PrepareItem); !prepare || x.loaded {
			ready = append(ready, i)
		}
	}
	if len(ready) == 0 {
		return false
	}
	i := pick(x.p.s, ready)
	l := x.lanes[i]
	f := l.tasks[0]
	x.p.s.tell("server %d performs %T in %s", x.p.number, f, l.name)
	if x.p.s.strikes("task fails") || !x.carryOut(f) {
		return true // it is tried again
	}
	if l.tasks = l.tasks[1:]; len(l.tasks) == 0 {
		x.lanes = slices.Delete(x.lanes, i, i+1)
	}
	return true
}

// carryOut reports whether it was done as far as the process knows.
func (x *part) carryOut(f scheduler.Effect) bool {
	s := x.p.s
	switch f := f.(type) {
	case scheduler.LoadLayout:
		x.submit(x.load(f))
	case scheduler.PrepareItem:
		x.submit(x.prepare(f))
	case scheduler.StartBuild:
		x.t.queue(f)
		return !s.strikes("work published twice")
	case scheduler.CancelBuild:
		x.t.cancel(f.Build)
	case scheduler.ResumeBuild:
		return x.t.resume(f.Build)
	case scheduler.FindArtifacts:
		x.submit(x.t.find(f))
	case scheduler.FindOpenChanges:
		x.submit(x.t.forge.openIn(f))
	case scheduler.Report:
		return x.report(f)
	}
	return true
}

// submit hands the engine an answer from inside the process.
func (x *part) submit(c scheduler.Command) {
	x.engine.Submit(engine.Delivery{Command: c, Committed: x.committed(c, nil)})
}

// committed is called when an answer counts as decided. Then there must be
// nothing left in it for the log.
func (x *part) committed(c scheduler.Command, then func()) func() {
	return func() {
		s := x.p.s
		if x.p.dead {
			return
		}
		if s.strikes("crash before ack") {
			x.p.die()
			return
		}
		x.t.watch.acknowledged(c)
		if then != nil {
			then()
		}
	}
}

// report tells every source that a report names, as package app does.
func (x *part) report(f scheduler.Report) bool {
	s := x.p.s
	answer := scheduler.CompletedReport{Report: f.Report}
	for i, r := range f.Reporters {
		out := x.t.forge.report(x.t, f, source.Report{
			ID: scheduler.ReportID(fmt.Sprintf("%s-%d", f.Report, i)), Refs: f.Refs, Votes: r.Votes,
			Submit: r.Submit && f.Submit, Commits: f.State, Message: f.Message,
		})
		if s.strikes("report word lost") {
			return false
		}
		if r.Submit {
			answer.Merged, answer.Stale, answer.Detail, answer.MergedChanges = out.Merged, out.Stale, out.Detail, out.merged
		}
	}
	x.submit(answer)
	return true
}
