package explain

import (
	"fmt"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// who remembers what earlier events told: names, who belongs to whom, and how
// things were before. It learns from the commits that are read and, for what
// is older, from names that it is given.
type who struct {
	items     map[scheduler.ItemID]*member
	builds    map[scheduler.BuildID]*run
	buildsets map[scheduler.BuildsetID]scheduler.ItemID
	changes   map[scheduler.ChangeKey]scheduler.Change
	windows   map[scheduler.QueueID]int
	requests  map[uint64]string // reasons of reconfigurations
	reports   map[scheduler.ReportID]scheduler.ReportRequested
	// older names items whose beginning was not read; may be nil.
	older func(scheduler.ItemID) []scheduler.Ref
}

// member is an item as events told of it.
type member struct {
	refs     []scheduler.Ref
	live     bool
	pipeline scheduler.PipelineName
	queue    scheduler.QueueID
	buildset scheduler.BuildsetID
	graph    *scheduler.JobGraph
	left     []scheduler.LeftJob
	// last holds the newest build of each job of the buildset.
	last map[scheduler.JobKey]*run
	gone bool
}

// run is a build as events told of it.
type run struct {
	id      scheduler.BuildID
	item    scheduler.ItemID
	set     scheduler.BuildsetID
	job     scheduler.JobKey
	attempt int
	result  scheduler.Result
	skipped bool
}

func newWho(older func(scheduler.ItemID) []scheduler.Ref) *who {
	return &who{
		items:     map[scheduler.ItemID]*member{},
		builds:    map[scheduler.BuildID]*run{},
		buildsets: map[scheduler.BuildsetID]scheduler.ItemID{},
		changes:   map[scheduler.ChangeKey]scheduler.Change{},
		windows:   map[scheduler.QueueID]int{},
		requests:  map[uint64]string{},
		reports:   map[scheduler.ReportID]scheduler.ReportRequested{},
		older:     older,
	}
}

// refs of an item, nil when nothing is known of it.
func (w *who) refs(id scheduler.ItemID) []scheduler.Ref {
	if m := w.items[id]; m != nil {
		return m.refs
	}
	if w.older != nil {
		return w.older(id)
	}
	return nil
}

// item names an item by what it tests.
func (w *who) item(id scheduler.ItemID) string {
	if refs := w.refs(id); len(refs) > 0 {
		return nameRefs(refs)
	}
	return fmt.Sprintf("item %.8s", string(id))
}

// nameRefs names what an item tests.
func nameRefs(refs []scheduler.Ref) string {
	names := make([]string, len(refs))
	for i, r := range refs {
		names[i] = r.String()
	}
	return enumerate(names)
}

// job names a job; in items with several refs also the one that it tests.
func (w *who) job(item scheduler.ItemID, key scheduler.JobKey) string {
	return jobName(w.refs(item), key)
}

func jobName(refs []scheduler.Ref, key scheduler.JobKey) string {
	if len(refs) > 1 && key.Ref < len(refs) {
		return string(key.Name) + " for " + refs[key.Ref].ID()
	}
	return string(key.Name)
}

// build names a build by its job.
func (w *who) build(id scheduler.BuildID) string {
	r := w.builds[id]
	if r == nil {
		return fmt.Sprintf("build %.8s", string(id))
	}
	return w.job(r.item, r.job)
}

func (w *who) buildNames(ids []scheduler.BuildID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = w.build(id)
	}
	return enumerate(names)
}

// failed lists the jobs of an item that keep it from succeeding.
func (m *member) failed() []string {
	if m == nil || m.graph == nil {
		return nil
	}
	var out []string
	for i := range m.graph.Jobs {
		j := &m.graph.Jobs[i]
		if r := m.last[j.Key()]; r != nil && j.Voting && bad(r.result) {
			out = append(out, jobName(m.refs, j.Key())+" ended with "+string(r.result))
		}
	}
	return out
}

// bad reports whether a result keeps an item from succeeding.
func bad(r scheduler.Result) bool {
	return r != "" && r != scheduler.ResultSuccess && r != scheduler.ResultSkipped
}

// named is how many names a sentence lists; of more it tells the number.
const named = 8

// enumerate writes "a", "a and b", "a, b and c".
func enumerate(names []string) string {
	if len(names) > named {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:named-1], ", "), len(names)-named+1)
	}
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
