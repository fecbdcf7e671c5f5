package scheduler

import (
	"fmt"
	"slices"
)

// Violation is a broken promise of the state, named as in docs/promises.md.
type Violation struct {
	Property string
	Detail   string
}

func (v Violation) String() string { return v.Property + ": " + v.Detail }

// Check reports what is broken in a settled state. It costs as much as the
// state is large; tests and gozer admin verify-log run it.
func Check(s *State) []Violation {
	c := &checker{s: s}
	s.eachItem(c.item)
	for _, p := range s.Pipelines {
		for _, q := range p.Queues {
			c.queue(q)
		}
	}
	c.semaphores()
	c.nodes()
	return c.found
}

type checker struct {
	s     *State
	found []Violation
}

func (c *checker) fail(property, format string, args ...any) {
	c.found = append(c.found, Violation{Property: property, Detail: fmt.Sprintf(format, args...)})
}

func (c *checker) item(it *Item) {
	if c.s.items[it.ID] != it {
		c.fail("index", "item %s is in its queue but not in the index", it.ID)
	}
	if it.Ahead != nil && (it.Ahead.gone || it.Ahead.ordinal >= it.ordinal) {
		c.fail("order", "item %s builds on one that is not in front of it", it.ID)
	}
	if it.Ahead != nil && !slices.Contains(it.Ahead.Behind, it) {
		c.fail("links", "item %s is not behind its item ahead", it.ID)
	}
	if it.Buildset == nil {
		for _, b := range it.Behind {
			if b.Buildset != nil {
				c.fail("P2 tested state", "item %s has a buildset on top of one without", b.ID)
			}
		}
		return
	}
	c.builds(it)
	c.base(it)
}

// base checks that the tested state is that of the item ahead and this one.
func (c *checker) base(it *Item) {
	b := it.Buildset
	if it.Ahead == nil || it.Ahead.Buildset == nil || it.gone {
		return
	}
	want := append(slices.Clone(it.Ahead.Buildset.Base), it.Ahead.Refs...)
	if len(want) <= len(b.Base) && slices.Equal(b.Base[len(b.Base)-len(want):], want) {
		return
	}
	// The item ahead may itself have been built before those ahead of it merged.
	if n := len(b.Base); n >= len(it.Ahead.Refs) && slices.Equal(b.Base[n-len(it.Ahead.Refs):], it.Ahead.Refs) {
		return
	}
	c.fail("P2 tested state", "item %s is tested on a state that does not end with the item ahead", it.ID)
}

func (c *checker) builds(it *Item) {
	seen := map[JobKey]bool{}
	for _, r := range it.Buildset.Jobs {
		if seen[r.Job.Key()] {
			c.fail("P3 one build", "buildset %s has job %s twice", it.Buildset.ID, r.Job.Name)
		}
		seen[r.Job.Key()] = true
		if r.Build != nil && c.s.builds[r.Build.ID] != r.Build {
			c.fail("index", "build %s is not in the index", r.Build.ID)
		}
		if r.Build != nil && r.Build.Result == "" && it.Report != "" {
			c.fail("P3 one build", "item %s is being reported while build %s runs", it.ID, r.Build.ID)
		}
	}
}

func (c *checker) queue(q *Queue) {
	for i, it := range q.Items {
		if i > 0 && q.Items[i-1].ordinal >= it.ordinal {
			c.fail("order", "queue %s is not in order of enqueueing", q.ID)
		}
		if it.Queue != q {
			c.fail("links", "item %s is in a queue that it does not know", it.ID)
		}
		if q.Pipeline.Config.Manager == Dependent && it.Report == "" && !slices.Equal(it.Failing, []string{failingNeeded}) && it.liveAhead() != it.nearestNonFailing() {
			c.fail("P5 nearest non-failing", "item %s does not build on the nearest item ahead that can succeed", it.ID)
		}
	}
	holding := 0
	for _, it := range q.Items {
		if it.Buildset != nil && it.Buildset.mayHold() {
			holding++
		}
	}
	if holding != q.holding {
		c.fail("index", "queue %s counts %d items that may hold those behind, not %d", q.ID, q.holding, holding)
	}
	w := q.Pipeline.Config.Window
	if q.Pipeline.Config.merges() && q.Window > 0 && q.Window < min(w.Floor, w.Size) {
		c.fail("P4 window", "queue %s has window %d below floor %d", q.ID, q.Window, w.Floor)
	}
	c.manager(q)
}

// manager checks what the pipeline's manager promises of its queues.
func (c *checker) manager(q *Queue) {
	p := q.Pipeline.Config
	if (p.Manager == Serial || p.Manager == Supercedent) && q.Window != 1 {
		c.fail("P4 window", "queue %s of a %s pipeline has window %d", q.ID, p.Manager, q.Window)
	}
	if p.Manager == Supercedent && len(q.Items) > 2 && q.Items[1].removable() {
		c.fail("supercedent", "queue %s holds %d items, one between the first and the last", q.ID, len(q.Items))
	}
}
