package scheduler

import "time"

// Effect is something that the outside world must do. Effects are derived
// from events and the state after their commit, never stored; performing one
// twice must be harmless, since a restart derives the open ones again.
type Effect interface{ effect() }

type (
	// LoadLayout asks for the tenant's configuration; LoadedLayout answers.
	LoadLayout struct {
		Request uint64
		Reason  string
	}
	// PrepareItem asks to merge an item's changes onto the state ahead, to
	// compute its layout and to freeze its jobs; PreparedItem answers.
	PrepareItem struct {
		Tenant   TenantName
		Pipeline PipelineName
		Item     ItemID
		Buildset BuildsetID
		Refs     []Ref
		// Trigger is the index among Refs of the one whose event brought the
		// item; 0 where it was another's.
		Trigger int
		Live    bool
		// Base is the speculative state ahead; empty means the branches as
		// they are.
		Base []RepoCommit
		// BaseRefs are the changes in Base, oldest first.
		BaseRefs []Ref
		Layout   Hash // the tenant's layout
	}
	// StartBuild asks an executor to run a job; StartedBuild and
	// CompletedBuild answer.
	StartBuild struct {
		Tenant     TenantName
		Pipeline   PipelineName
		PostReview bool
		Item       ItemID
		Buildset   BuildsetID
		Build      BuildID
		Attempt    int
		Job        *FrozenJob
		// Nodes of the job's nodeset, or of the alternative that could be had.
		Nodes []ProvidedNode
		// Refs are the item's own, Items all that the state holds, oldest first.
		Refs       []Ref
		Items      []Ref
		State      []RepoCommit
		Precedence Precedence
		Event      EventID
		EventData  []byte
		EnqueuedAt time.Time
		// Inherited comes from other jobs.
		Inherited Inherited
	}
	// ResumeBuild lets a paused build go on; CompletedBuild answers.
	ResumeBuild struct {
		Build BuildID
	}
	// FindArtifacts asks which builds of the changes Refs provided some of
	// Names: those of the latest buildset in the pipeline that has any, by
	// project, change and patchset. FoundArtifacts answers.
	FindArtifacts struct {
		Tenant   TenantName
		Pipeline PipelineName
		Item     ItemID
		Buildset BuildsetID
		Of       ItemID
		Refs     []Ref
		Names    []string
	}
	// FindOpenChanges asks for the open changes of projects in which a change
	// merged; FoundOpenChanges answers.
	FindOpenChanges struct {
		Tenant   TenantName
		Report   ReportID
		Projects []ProjectName
	}
	// CancelBuild asks to stop a build that no longer matters; nothing answers.
	CancelBuild struct {
		Build  BuildID
		Reason string
	}
	// Report asks to tell the sources; CompletedReport answers.
	Report struct {
		Tenant    TenantName
		Report    ReportID
		Item      ItemID
		Buildset  BuildsetID
		Pipeline  PipelineName
		Action    Action
		Refs      []Ref
		Reporters []Reporter
		Message   string
		Result    Result
		// Submit asks to land State on the branches of Refs.
		Submit bool
		State  []RepoCommit
		Builds []BuildSummary
	}
)

// Own is the ref that the build tests.
func (s *StartBuild) Own() Ref {
	if s.Job.Ref < len(s.Refs) {
		return s.Refs[s.Job.Ref]
	}
	return Ref{}
}

// Served lists the refs that the build tests: its own, and those of which the
// job is equal.
func (s *StartBuild) Served() []Ref {
	var out []Ref
	for i, r := range s.Refs {
		if s.Job.Serves(i) {
			out = append(out, r)
		}
	}
	return out
}

// BuildSummary is one line of a report.
type BuildSummary struct {
	Build  BuildID
	Job    JobName
	Ref    int // of the item, as FrozenJob.Ref
	Result Result
	Voting bool
	URL    string
	// Duration is 0 for jobs that did not run.
	Duration time.Duration
}

func (LoadLayout) effect()      {}
func (PrepareItem) effect()     {}
func (StartBuild) effect()      {}
func (ResumeBuild) effect()     {}
func (FindArtifacts) effect()   {}
func (FindOpenChanges) effect() {}
func (CancelBuild) effect()     {}
func (Report) effect()          {}
