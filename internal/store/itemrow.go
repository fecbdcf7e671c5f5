package store

import "github.com/gozer-ci/gozer/scheduler"

// itemRow is an item with what the projection must remember while the item is
// in its pipeline.
type itemRow struct {
	Item
	buildset scheduler.BuildsetID // current attempt; empty before the first
	jobs     []jobFacts           // of the current attempt
	failing  bool
	failed   []scheduler.JobName // voting jobs of the current attempt that failed
	ahead    scheduler.ItemID    // it may have left since; empty at the head
	// report is the final report under way, outcome what the buildset will
	// have as its result when it is done, and submit whether it lands commits.
	report  scheduler.ReportID
	outcome scheduler.Result
	submit  bool
}

// jobFacts are what build rows take from the frozen job.
type jobFacts struct {
	name    scheduler.JobName
	ref     int
	voting  bool
	nodeset string
	// provides are names of artifacts.
	provides []string
}

func (i *itemRow) job(key scheduler.JobKey) jobFacts {
	for _, j := range i.jobs {
		if j.name == key.Name && j.ref == key.Ref {
			return j
		}
	}
	return jobFacts{name: key.Name, ref: key.Ref, voting: true}
}

func encodeItem(i *itemRow) []byte {
	w := writer{b: make([]byte, 0, 512)}
	w.uint(i.ID)
	w.str(string(i.UUID))
	w.str(string(i.Pipeline))
	w.refs(i.Refs)
	w.str(string(i.Event))
	w.time(i.EventTime)
	w.str(i.Cause)
	w.time(i.EnqueuedAt)
	w.time(i.DequeuedAt)
	w.str(string(i.Result))
	w.int(i.Resets)
	w.str(string(i.buildset))
	w.uint(uint64(len(i.jobs)))
	for _, j := range i.jobs {
		w.str(string(j.name))
		w.int(j.ref)
		w.bool(j.voting)
		w.str(j.nodeset)
		w.strs(j.provides)
	}
	w.bool(i.failing)
	w.uint(uint64(len(i.failed)))
	for _, j := range i.failed {
		w.str(string(j))
	}
	w.str(string(i.ahead))
	w.str(string(i.report))
	w.str(string(i.outcome))
	w.bool(i.submit)
	return w.b
}

func decodeItem(payload []byte) (*itemRow, error) {
	r := reader{rest: payload}
	i := &itemRow{Item: Item{
		ID:         r.uint(),
		UUID:       scheduler.ItemID(r.str()),
		Pipeline:   scheduler.PipelineName(r.str()),
		Refs:       r.refs(),
		Event:      scheduler.EventID(r.str()),
		EventTime:  r.time(),
		Cause:      r.str(),
		EnqueuedAt: r.time(),
		DequeuedAt: r.time(),
		Result:     scheduler.Result(r.str()),
		Resets:     r.int(),
	}}
	i.buildset = scheduler.BuildsetID(r.str())
	for n := r.count(); n > 0; n-- {
		i.jobs = append(i.jobs, jobFacts{name: scheduler.JobName(r.str()), ref: r.int(), voting: r.bool(), nodeset: r.str(), provides: r.strs()})
	}
	i.failing = r.bool()
	for n := r.count(); n > 0; n-- {
		i.failed = append(i.failed, scheduler.JobName(r.str()))
	}
	i.ahead = scheduler.ItemID(r.str())
	i.report = scheduler.ReportID(r.str())
	i.outcome = scheduler.Result(r.str())
	i.submit = r.bool()
	return i, r.done()
}
