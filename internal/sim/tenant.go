package sim

import (
	"fmt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// tenant is what the world has of one tenant: what is sent to it and waits,
// and what an observer of its log knows.
type tenant struct {
	s      *Sim
	number int
	name   scheduler.TenantName
	forge  *forge

	inputs  stream
	results []*result
	work    []*task
	// ran is what executors really did, by build.
	ran   map[scheduler.BuildID][]ran
	drawn uint64 // identifiers given
	sent  int    // results and requests numbered
	// layouts are the variants that were loaded, by hash.
	layouts map[scheduler.Hash]int

	// Of the observer: the log folded record by record.
	head   eventlog.Head
	mark   eventlog.InputMark
	folded *scheduler.State
	watch  watch
}

func newTenant(s *Sim, number int, f *forge) *tenant {
	t := &tenant{
		s: s, number: number, name: scheduler.TenantName(fmt.Sprint("tenant-", number+1)), forge: f,
		ran: map[scheduler.BuildID][]ran{}, layouts: map[scheduler.Hash]int{},
	}
	t.folded = scheduler.NewState(t.name)
	t.watch = newWatch(t)
	t.inputs.renew()
	f.tenants = append(f.tenants, t)
	return t
}

// stream is a tenant's durable stream of inputs.
type stream struct {
	life  int
	id    string
	first uint64 // sequence of the first that is kept
	items []input
}

// input is one message of the stream; ids are the identifiers in it.
type input struct {
	id   string
	data []byte
	ids  []scheduler.EventID
}

// renew replaces the stream by an empty one, whose sequences start anew.
func (q *stream) renew() {
	q.life++
	q.id, q.first, q.items = fmt.Sprint("INPUT@", q.life), 1, nil
}

// last is the sequence of the newest message.
func (q *stream) last() uint64 { return q.first + uint64(len(q.items)) - 1 }

// publish stores a message, once for each id unless again says that the stream
// has forgotten it.
func (q *stream) publish(in input, again bool) {
	if !again {
		for _, old := range q.items {
			if old.id == in.id {
				return
			}
		}
	}
	q.items = append(q.items, in)
}

// trim drops what is before a sequence.
func (q *stream) trim(seq uint64) {
	for q.first < seq && len(q.items) > 0 {
		q.items = q.items[1:]
		q.first++
	}
}

// result is an answer of an executor on its way to the tenant's engine.
type result struct {
	number int
	data   []byte
	// holder got it and has not acknowledged it; nil while it waits.
	holder *process
}

// answered drops a result for good.
func (t *tenant) answered(number int) {
	for i, r := range t.results {
		if r.number == number {
			t.results = append(t.results[:i:i], t.results[i+1:]...)
			return
		}
	}
}
