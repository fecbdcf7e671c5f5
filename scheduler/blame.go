package scheduler

import "strings"

// Blame names the item that an event about another one is due to, so that the
// event alone says who was the reason and why.
type Blame struct {
	Item ItemID
	// Name of what the item tests.
	Name string
	// Why it can't succeed, or why it left; jobs are named with their results.
	Why string
}

// leaving is an item on its way out, with the reason.
type leaving struct {
	item *Item
	why  string
}

// blame tells on an item; nobody is nil.
func (t *turn) blame(it *Item) Blame {
	if it == nil {
		return Blame{}
	}
	var why []string
	for _, r := range it.Failing {
		switch r {
		case failingJob:
			why = append(why, it.failedJobs()...)
		case failingNeeded:
			why = append(why, r+": "+t.failingNeed(it).name())
		default:
			why = append(why, r)
		}
	}
	if t.leaving.item == it && len(why) == 0 {
		why = []string{t.leaving.why}
	}
	return Blame{Item: it.ID, Name: it.name(), Why: strings.Join(why, "; ")}
}

// name of what the item tests.
func (it *Item) name() string {
	if it == nil {
		return "nothing"
	}
	names := make([]string, len(it.Refs))
	for i, r := range it.Refs {
		names[i] = r.String()
	}
	return strings.Join(names, ", ")
}

// failedJobs lists what keeps the item from succeeding.
func (it *Item) failedJobs() []string {
	if it.Buildset == nil {
		return nil
	}
	var out []string
	for _, r := range it.Buildset.Jobs {
		if r.Job.Voting && r.failed() {
			out = append(out, string(r.Job.Name)+" ended with "+string(r.Result()))
		}
	}
	return out
}

// failingNeed is the first item, of those that it needs, that is failing.
func (t *turn) failingNeed(it *Item) *Item {
	for _, x := range t.s.NeededIn(it) {
		if len(x.Failing) > 0 {
			return x
		}
	}
	return nil
}
