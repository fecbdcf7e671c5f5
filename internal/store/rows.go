package store

import "github.com/gozer-ci/gozer/scheduler"

// The binary forms of the rows. A change to any of them, to the keys or to the
// projection needs another schemaVersion.

func encodeBuild(b *Build) []byte {
	w := writer{b: make([]byte, 0, 384)}
	w.uint(b.ID)
	w.str(string(b.UUID))
	w.str(string(b.Buildset))
	w.str(string(b.Item))
	w.str(string(b.Job))
	w.int(b.Attempt)
	w.str(string(b.Result))
	w.maybe(b.Held)
	w.maybe(b.Final)
	w.bool(b.Voting)
	w.time(b.RequestedAt)
	w.time(b.StartedAt)
	w.time(b.EndedAt)
	w.str(string(b.Executor))
	w.str(b.LogURL)
	w.str(b.Nodeset)
	w.str(b.ErrorDetail)
	w.ref(&b.Ref)
	w.str(string(b.Pipeline))
	w.str(string(b.Event))
	w.time(b.EventTime)
	w.strs(b.Provides)
	w.uint(uint64(len(b.Artifacts)))
	for _, a := range b.Artifacts {
		w.str(a.Name)
		w.str(a.URL)
		w.str(string(a.Metadata))
	}
	return w.b
}

func decodeBuild(payload []byte) (*Build, error) {
	r := reader{rest: payload}
	b := &Build{
		ID:       r.uint(),
		UUID:     scheduler.BuildID(r.str()),
		Buildset: scheduler.BuildsetID(r.str()),
		Item:     scheduler.ItemID(r.str()),
		Job:      scheduler.JobName(r.str()),
		Attempt:  r.int(),
		Result:   scheduler.Result(r.str()),
		Held:     r.maybe(),
		Final:    r.maybe(),
		Voting:   r.bool(),
	}
	b.RequestedAt, b.StartedAt, b.EndedAt = r.time(), r.time(), r.time()
	b.Executor = scheduler.ExecutorName(r.str())
	b.LogURL, b.Nodeset, b.ErrorDetail = r.str(), r.str(), r.str()
	b.Ref = r.ref()
	b.Pipeline = scheduler.PipelineName(r.str())
	b.Event = scheduler.EventID(r.str())
	b.EventTime = r.time()
	b.Provides = r.strs()
	for n := r.count(); n > 0; n-- {
		b.Artifacts = append(b.Artifacts, r.artifact())
	}
	return b, r.done()
}

func encodeBuildset(b *Buildset) []byte {
	w := writer{b: make([]byte, 0, 512)}
	w.uint(b.ID)
	w.str(string(b.UUID))
	w.str(string(b.Item))
	w.str(string(b.Pipeline))
	w.str(string(b.Result))
	w.str(b.Message)
	w.refs(b.Refs)
	w.str(string(b.Event))
	w.time(b.EventTime)
	w.time(b.CreatedAt)
	w.time(b.FirstBuildStart)
	w.time(b.LastBuildEnd)
	w.uint(uint64(len(b.Events)))
	for _, e := range b.Events {
		w.time(e.Time)
		w.str(e.Type)
		w.str(e.Description)
	}
	return w.b
}

func decodeBuildset(payload []byte) (*Buildset, error) {
	r := reader{rest: payload}
	b := &Buildset{
		ID:       r.uint(),
		UUID:     scheduler.BuildsetID(r.str()),
		Item:     scheduler.ItemID(r.str()),
		Pipeline: scheduler.PipelineName(r.str()),
		Result:   scheduler.Result(r.str()),
		Message:  r.str(),
		Refs:     r.refs(),
		Event:    scheduler.EventID(r.str()),
	}
	b.EventTime, b.CreatedAt = r.time(), r.time()
	b.FirstBuildStart, b.LastBuildEnd = r.time(), r.time()
	for n := r.count(); n > 0; n-- {
		b.Events = append(b.Events, BuildsetEvent{Time: r.time(), Type: r.str(), Description: r.str()})
	}
	return b, r.done()
}

func encodeDecision(d *Decision) []byte {
	w := writer{b: make([]byte, 0, 32+len(d.Text))}
	w.uint(d.Seq)
	w.time(d.Time)
	w.str(string(d.Kind))
	w.str(d.Text)
	return w.b
}

func decodeDecision(payload []byte) (Decision, error) {
	r := reader{rest: payload}
	d := Decision{Seq: r.uint(), Time: r.time(), Kind: DecisionKind(r.str()), Text: r.str()}
	return d, r.done()
}
