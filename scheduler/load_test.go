package scheduler_test

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/scheduler/schedtest"
)

// load is work for a gate whose effects are answered at once, so that nothing
// but the core costs. Change i is in project i of projects, modulo their number.
type load struct {
	changes, projects int
	// needs tells what a change needs; nil is nothing.
	needs func(i int) []int
	// fails tells whether the job of a change fails on top of what has merged.
	fails func(i int) bool
	// last says that only the event of the last change comes, with facts about
	// all.
	last bool
	// grows lets the window grow with every merge; else it stays at 20 and the
	// length of the queue is all that varies.
	grows bool
	// circular lets the queue take dependency cycles.
	circular bool
}

// layout is the standard one with one queue for all projects.
func (l load) layout() *scheduler.Layout {
	out := schedtest.Standard()
	if !l.grows {
		out.Pipeline("gate").Window.Ceiling = 20
	}
	for i := range l.projects {
		name := fmt.Sprint("org/load", i)
		out.Projects[schedtest.Canonical(name)] = scheduler.ProjectConfig{
			Name: name, Connection: "local", Queue: "load", AllowCircularDependencies: l.circular,
			Pipelines: map[scheduler.PipelineName]bool{"gate": true},
		}
	}
	return out
}

// commands are the events that bring the changes into the gate.
func (l load) commands() []scheduler.Command {
	w := schedtest.New(l.layout(), 1)
	all := make([]scheduler.Change, l.changes)
	for i := range all {
		c := w.NewChange(i+1, fmt.Sprint("org/load", i%l.projects))
		w.Approve(c)
		all[i] = *c
	}
	for i := range all {
		if l.needs == nil {
			break
		}
		for _, n := range l.needs(i) {
			all[i].Needs = append(all[i].Needs, scheduler.Need{Change: all[n].Key()})
		}
	}
	var out []scheduler.Command
	for i, c := range all {
		e := scheduler.TriggerEvent{
			ID: scheduler.EventID(fmt.Sprint(i)), Connection: "local", Type: "comment-added", Ref: c.Ref,
			Votes: c.Votes, Changes: []scheduler.Change{c},
		}
		if l.last {
			e.Changes = all
		}
		if !l.last || i == len(all)-1 {
			out = append(out, e)
		}
	}
	return out
}

// run is what a load did to a gate.
type run struct {
	s                       *scheduler.State
	events, merged, failed  int // commands decided, items that merged or failed
	reset                   int // buildsets thrown away
	fill, drain             time.Duration
	enqueued, visits, depth int
}

// play brings all changes into the gate and then answers every effect, one
// commit each, until the gate is empty.
func (l load) play(commands []scheduler.Command) *run {
	r := &run{s: scheduler.NewState("tenant")}
	d := driver{load: l, run: r}
	d.do(scheduler.LoadedLayout{Layout: l.layout()})
	started := time.Now()
	for _, c := range commands {
		d.do(c)
	}
	r.fill = time.Since(started)
	for _, q := range r.s.Pipeline("gate").Queues {
		r.depth = max(r.depth, len(q.Items))
	}
	started = time.Now()
	for len(d.answers) > 0 {
		c := d.answers[0]
		d.answers = d.answers[1:]
		d.do(c)
	}
	r.drain = time.Since(started)
	r.visits = scheduler.Visits(r.s)
	if n := len(r.s.Pipeline("gate").Queues); n > 0 && len(r.s.Pipeline("gate").Queues[0].Items) > 0 {
		panic("the gate did not drain")
	}
	return r
}

type driver struct {
	load    load
	run     *run
	answers []scheduler.Command
	meta    scheduler.Meta
}

func (d *driver) do(c scheduler.Command) {
	n := binary.BigEndian.Uint64(d.meta.Entropy[:]) + 1
	binary.BigEndian.PutUint64(d.meta.Entropy[:], n)
	d.meta.Time = time.Unix(int64(n), 0)
	d.run.events++
	events := scheduler.Step(d.run.s, d.meta, []scheduler.Command{c})
	for _, e := range events {
		switch e := e.(type) {
		case scheduler.BuildsetReset:
			d.run.reset++
		case scheduler.ItemEnqueued:
			d.run.enqueued++
		case scheduler.ItemDequeued:
			if e.Result == scheduler.ResultSuccess {
				d.run.merged++
			} else {
				d.run.failed++
			}
		}
		for _, f := range scheduler.Effects(d.run.s, e) {
			d.answer(f)
		}
	}
}

func (d *driver) answer(f scheduler.Effect) {
	switch f := f.(type) {
	case scheduler.PrepareItem:
		g := &scheduler.JobGraph{Hash: scheduler.Hash(fmt.Sprint("load", len(f.Refs)))}
		for i := range f.Refs {
			g.Jobs = append(g.Jobs, scheduler.FrozenJob{Name: "test", Ref: i, Voting: true, Attempts: 1})
		}
		d.answers = append(d.answers, scheduler.PreparedItem{Item: f.Item, Buildset: f.Buildset, InPipeline: true, Graph: g})
	case scheduler.StartBuild:
		c := scheduler.CompletedBuild{Build: f.Build, Result: scheduler.ResultSuccess}
		if own := f.Own(); d.load.fails != nil && d.load.fails(own.Number-1) {
			c.Result = scheduler.ResultFailure
		}
		d.answers = append(d.answers, c)
	case scheduler.Report:
		d.answers = append(d.answers, scheduler.CompletedReport{Report: f.Report, Merged: f.Submit})
	}
}
