package web

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// refDoc is a ref in the history.
type refDoc struct {
	Project  string  `json:"project"`
	Branch   *string `json:"branch"`
	Change   *int    `json:"change"`
	Patchset *string `json:"patchset"`
	Ref      string  `json:"ref"`
	OldRev   *string `json:"oldrev"`
	NewRev   *string `json:"newrev"`
	RefURL   string  `json:"ref_url"`
}

func refOf(r scheduler.Ref) refDoc {
	doc := refDoc{
		Project: r.Name, Branch: orNull(r.Branch), Ref: r.Ref,
		OldRev: orNull(r.OldRev), NewRev: orNull(r.NewRev), RefURL: r.URL,
	}
	if r.IsChange() {
		patchset := strconv.Itoa(r.Patchset)
		doc.Change, doc.Patchset = &r.Number, &patchset
	}
	return doc
}

func refsOf(refs []scheduler.Ref) []refDoc {
	docs := make([]refDoc, 0, len(refs))
	for _, r := range refs {
		docs = append(docs, refOf(r))
	}
	return docs
}

// innerBuildDoc is a build inside a buildset.
type innerBuildDoc struct {
	ID          uint64            `json:"_id"`
	UUID        scheduler.BuildID `json:"uuid"`
	JobName     scheduler.JobName `json:"job_name"`
	Result      *string           `json:"result"`
	Held        *bool             `json:"held"`
	StartTime   *string           `json:"start_time"`
	EndTime     *string           `json:"end_time"`
	Duration    *seconds          `json:"duration"`
	Voting      bool              `json:"voting"`
	LogURL      *string           `json:"log_url"`
	Nodeset     string            `json:"nodeset"`
	ErrorDetail *string           `json:"error_detail"`
	Final       *bool             `json:"final"`
	Artifacts   []artifactDoc     `json:"artifacts"`
	Provides    []namedDoc        `json:"provides"`
	Ref         refDoc            `json:"ref"`
}

func innerBuildOf(b Build) innerBuildDoc {
	return innerBuildDoc{
		ID: b.ID, UUID: b.UUID, JobName: b.Job, Result: orNull(b.Result), Held: b.Held,
		StartTime: stamp(b.StartedAt), EndTime: stamp(b.EndedAt), Duration: duration(b),
		Voting: b.Voting, LogURL: orNull(b.LogURL), Nodeset: b.Nodeset, ErrorDetail: orNull(b.ErrorDetail),
		Final: b.Final, Artifacts: artifactsOf(b.Artifacts), Provides: namedOf(b.Provides), Ref: refOf(b.Ref),
	}
}

// artifactDoc is something that a build made; metadata only where there are
// any.
type artifactDoc struct {
	Name     string          `json:"name"`
	URL      string          `json:"url"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
}

func artifactsOf(list []scheduler.Artifact) []artifactDoc {
	docs := make([]artifactDoc, 0, len(list))
	for _, a := range list {
		docs = append(docs, artifactDoc{a.Name, a.URL, a.Metadata})
	}
	return docs
}

// namedDoc is the name of an artifact that others may require.
type namedDoc struct {
	Name string `json:"name"`
}

func namedOf(names []string) []namedDoc {
	docs := make([]namedDoc, 0, len(names))
	for _, n := range names {
		docs = append(docs, namedDoc{n})
	}
	return docs
}

// duration is nil unless a build has both times.
func duration(b Build) *seconds {
	if b.StartedAt.IsZero() || b.EndedAt.IsZero() {
		return nil
	}
	d := toSeconds(b.EndedAt.Sub(b.StartedAt).Truncate(time.Millisecond).Seconds())
	return &d
}

// buildDoc is a build on its own.
type buildDoc struct {
	innerBuildDoc
	Pipeline       scheduler.PipelineName `json:"pipeline"`
	EventID        scheduler.EventID      `json:"event_id"`
	EventTimestamp *string                `json:"event_timestamp"`
	Buildset       buildsetLink           `json:"buildset"`
}

// buildsetLink is the buildset of a build; only a single build has the refs.
type buildsetLink struct {
	UUID scheduler.BuildsetID `json:"uuid"`
	Refs []refDoc             `json:"refs,omitempty"`
}

func buildOf(b Build) buildDoc {
	return buildDoc{
		innerBuildDoc: innerBuildOf(b), Pipeline: b.Pipeline, EventID: b.Event,
		EventTimestamp: stamp(b.EventTime), Buildset: buildsetLink{UUID: b.Buildset},
	}
}

// buildsetDoc is a buildset; only a single one has builds and events, and
// neither when there are none.
type buildsetDoc struct {
	ID                  uint64                 `json:"_id"`
	UUID                scheduler.BuildsetID   `json:"uuid"`
	Result              *string                `json:"result"`
	Message             *string                `json:"message"`
	Pipeline            scheduler.PipelineName `json:"pipeline"`
	EventID             scheduler.EventID      `json:"event_id"`
	EventTimestamp      *string                `json:"event_timestamp"`
	FirstBuildStartTime *string                `json:"first_build_start_time"`
	LastBuildEndTime    *string                `json:"last_build_end_time"`
	Refs                []refDoc               `json:"refs"`
	Builds              []innerBuildDoc        `json:"builds,omitempty"`
	Events              []buildsetEventDoc     `json:"events,omitempty"`
}

type buildsetEventDoc struct {
	EventTime   *string `json:"event_time"`
	EventType   string  `json:"event_type"`
	Description string  `json:"description"`
}

func buildsetOf(b Buildset) buildsetDoc {
	doc := buildsetDoc{
		ID: b.ID, UUID: b.UUID, Result: orNull(b.Result), Message: orNull(b.Message), Pipeline: b.Pipeline,
		EventID: b.Event, EventTimestamp: stamp(b.EventTime),
		FirstBuildStartTime: stamp(b.FirstBuildStart), LastBuildEndTime: stamp(b.LastBuildEnd), Refs: refsOf(b.Refs),
	}
	for _, build := range b.Builds {
		doc.Builds = append(doc.Builds, innerBuildOf(build))
	}
	for _, e := range b.Events {
		doc.Events = append(doc.Events, buildsetEventDoc{stamp(e.Time), e.Type, e.Description})
	}
	return doc
}
