package sim

import (
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// forge is a code review system: changes, branches, an outbox of events that is
// delivered at least once and in order, and reports that count once.
type forge struct {
	s       *Sim
	number  int
	tenants []*tenant
	changes []*scheduler.Change // by number
	// tips are the branches as they are, before what each commit was made of.
	tips   map[string]string
	before map[string]commit
	outbox []scheduler.TriggerEvent
	events int // identifiers given
	// layout is the variant of the configuration that is merged.
	layout int
	told   map[scheduler.ReportID]outcome
	landed map[scheduler.ChangeKey]bool
}

// commit says what a merge put on top of what.
type commit struct {
	base string
	what string
}

const connection = scheduler.ConnectionName("local")

// projects of a forge; the last two share a queue.
var projects = []string{"org/alone", "org/one", "org/two"}

func newForge(s *Sim, number int) *forge {
	return &forge{
		s: s, number: number, tips: map[string]string{}, before: map[string]commit{}, layout: s.plan.layout,
		told: map[scheduler.ReportID]outcome{}, landed: map[scheduler.ChangeKey]bool{},
	}
}

// canonical is the name of a project across forges.
func (f *forge) canonical(project string) scheduler.ProjectName {
	return scheduler.ProjectName(fmt.Sprintf("forge-%d/%s", f.number+1, project))
}

// create makes an open change without votes.
func (f *forge) create(project, branch string) *scheduler.Change {
	n := len(f.changes) + 1
	c := &scheduler.Change{
		Ref: scheduler.Ref{
			Connection: connection, Project: f.canonical(project), Name: project, Branch: branch, Number: n,
			URL: fmt.Sprintf("http://forge.example/%d", n), Owner: "author",
		},
		Open: true, Subject: fmt.Sprintf("change %d", n),
	}
	f.changes = append(f.changes, c)
	f.patchset(c)
	return c
}

// patchset gives a change a new one, which nobody has voted on.
func (f *forge) patchset(c *scheduler.Change) {
	c.Patchset++
	c.Ref.Ref = fmt.Sprintf("refs/changes/%02d/%d/%d", c.Number%100, c.Number, c.Patchset)
	c.Commit = hashOf("", c.ID())
	f.withdraw(c)
}

func (f *forge) withdraw(c *scheduler.Change) {
	c.Votes, c.MissingLabels = nil, []string{"Workflow", "Verified"}
}

func (f *forge) approve(c *scheduler.Change) {
	c.Votes = []scheduler.Vote{{Label: "Workflow", Value: 1, Username: "reviewer"}}
	c.MissingLabels = []string{"Verified"}
}

// change finds the facts about a change; nil for one of another forge.
func (f *forge) change(k scheduler.ChangeKey) *scheduler.Change {
	if k.Number < 1 || k.Number > len(f.changes) || f.changes[k.Number-1].Project != k.Project {
		return nil
	}
	return f.changes[k.Number-1]
}

// open lists the changes that may still merge.
func (f *forge) open() []*scheduler.Change {
	return slices.DeleteFunc(slices.Clone(f.changes), func(c *scheduler.Change) bool { return !c.Open })
}

// openIn lists what is open in projects, with the facts about it.
func (f *forge) openIn(e scheduler.FindOpenChanges) scheduler.FoundOpenChanges {
	c := scheduler.FoundOpenChanges{Report: e.Report}
	for _, x := range f.open() {
		if !slices.Contains(e.Projects, x.Project) {
			continue
		}
		c.Open = append(c.Open, x.Key())
		for _, fact := range f.closure(x.Key()) {
			if !slices.ContainsFunc(c.Changes, func(y scheduler.Change) bool { return y.Key() == fact.Key() }) {
				c.Changes = append(c.Changes, fact)
			}
		}
	}
	return c
}

// emit puts an event into the outbox.
func (f *forge) emit(e scheduler.TriggerEvent) {
	f.events++
	e.ID = scheduler.EventID(fmt.Sprintf("event-%d-%d", f.number+1, f.events))
	e.Connection, e.Time = connection, f.s.now
	f.s.tell("event %s of %s", e.Type, e.Ref)
	f.outbox = append(f.outbox, e)
}

// happen emits an event of a change.
func (f *forge) happen(kind string, c *scheduler.Change, edit func(*scheduler.TriggerEvent)) {
	e := scheduler.TriggerEvent{Type: kind, Ref: c.Ref}
	if edit != nil {
		edit(&e)
	}
	f.emit(e)
}

// moved emits that a branch is at another commit.
func (f *forge) moved(r scheduler.Ref, old string, config bool) {
	f.emit(scheduler.TriggerEvent{
		Type: "ref-updated", BranchUpdated: true, ConfigChanged: config,
		Ref: scheduler.Ref{
			Connection: connection, Project: r.Project, Name: r.Name, Branch: r.Branch, Ref: "refs/heads/" + r.Branch,
			OldRev: old, NewRev: f.tips[branchOf(r)],
		},
	})
}

// closure returns current facts: the change, what it needs, what needs it, and
// what shares its topic.
func (f *forge) closure(k scheduler.ChangeKey) []scheduler.Change {
	seen := map[scheduler.ChangeKey]bool{}
	var out []scheduler.Change
	var walk func(scheduler.ChangeKey)
	walk = func(k scheduler.ChangeKey) {
		c := f.change(k)
		if c == nil || seen[k] {
			return
		}
		seen[k] = true
		fact := *c
		fact.Votes, fact.MissingLabels, fact.Needs = slices.Clone(c.Votes), slices.Clone(c.MissingLabels), slices.Clone(c.Needs)
		out = append(out, fact)
		for _, n := range c.Needs {
			walk(n.Change)
		}
		for _, o := range f.changes {
			if o.Open && c.Topic != "" && o.Topic == c.Topic {
				walk(o.Key())
			}
			if o.Open && slices.ContainsFunc(o.Needs, func(n scheduler.Need) bool { return n.Change == k }) {
				walk(o.Key())
			}
		}
	}
	walk(k)
	return out
}

// deliverEvents stores the oldest events for every tenant, with facts as they
// are now. Until all of them have it, it comes again.
func (f *forge) deliverEvents() bool {
	if len(f.outbox) == 0 {
		return false
	}
	n := 1 + f.s.rng.IntN(min(3, len(f.outbox)))
	for _, t := range f.tenants {
		if !f.store(t, f.outbox[:n]) {
			return false
		}
		if f.s.strikes("inputs half delivered") {
			return true // the word of it is lost, or a tenant did not get it
		}
	}
	f.outbox = f.outbox[n:]
	return true
}

func (f *forge) store(t *tenant, events []scheduler.TriggerEvent) bool {
	in := input{}
	for _, e := range events {
		if e.Ref.IsChange() {
			e.Changes = f.closure(e.Ref.Key())
		}
		var err error
		if in.data, err = wire.AppendCommand(in.data, e); err != nil {
			f.s.fail("wire", "encode an event: %v", err)
			return false
		}
		in.id += string(e.ID) + " "
		in.ids = append(in.ids, e.ID)
	}
	t.inputs.publish(in, f.s.strikes("input stored twice"))
	t.watch.promised(in.ids...)
	return true
}

// request stores a command that somebody gave.
func (t *tenant) request(id scheduler.EventID, c scheduler.Command) {
	data, err := wire.EncodeCommand(c)
	if err != nil {
		t.s.fail("wire", "encode %T: %v", c, err)
		return
	}
	in := input{id: string(id), data: data}
	if id != "" {
		in.ids = []scheduler.EventID{id}
	}
	t.inputs.publish(in, true)
	if t.s.strikes("input stored twice") {
		t.inputs.publish(in, true)
	}
	t.watch.promised(in.ids...)
}

// wish stores a command that may be refused.
func (t *tenant) wish(id string, c scheduler.Command) {
	data, err := wire.EncodeCommand(c)
	if err != nil {
		t.s.fail("wire", "encode %T: %v", c, err)
		return
	}
	for range 1 + t.s.rng.IntN(2) {
		t.inputs.publish(input{id: id, data: data}, true)
	}
}

func (t *tenant) requestID() scheduler.EventID {
	t.sent++
	return scheduler.EventID(fmt.Sprintf("request-%d-%d", t.number+1, t.sent))
}
