package scheduler

import "time"

// Command is a fact or a wish from outside. The set is closed.
type Command interface{ command() }

type (
	// TriggerEvent says that something happened to a ref of a project.
	TriggerEvent struct {
		ID         EventID
		Connection ConnectionName
		// Type as the driver names it, such as patchset-created.
		Type string
		Ref  Ref
		// Votes, Comment, Username and Email describe a comment-added event.
		Votes           []Vote
		Comment         string
		Username, Email string
		// BranchCreated, BranchDeleted and BranchUpdated describe ref updates.
		BranchCreated, BranchDeleted, BranchUpdated bool
		// ConfigChanged says that the update touched configuration files, so
		// the tenant must be reconfigured before anything after this event.
		ConfigChanged bool
		// Unread says that the tenant reads no configuration from the branch,
		// so that nothing that happens to it asks for a reconfiguration (Zuul
		// documentation, "include-branches", "load-branch").
		Unread bool
		// Abandoned and NewPatchset are set for those life-cycle events.
		Abandoned, NewPatchset bool
		// Changes are current facts: the event's change, what it needs and
		// what needs it, as far as they are not merged.
		Changes []Change
		// Pipeline is where an internal event comes from; Target the only
		// pipeline that an event is meant for, whatever its triggers say.
		Pipeline, Target PipelineName
		// Data is the free JSON payload of a NATS event; it reaches jobs as
		// variable zuul.event_data.
		Data []byte
		// Time is when the source saw it.
		Time time.Time
	}

	// EnqueueRef asks to put a ref into a pipeline without regard to triggers
	// and requirements.
	EnqueueRef struct {
		ID       EventID
		Pipeline PipelineName
		Ref      Ref
		Changes  []Change
		// Actor and Reason are recorded.
		Actor, Reason string
	}

	// DequeueRef asks to take a ref out of a pipeline. For a change Number
	// and Patchset are compared, otherwise Ref.
	DequeueRef struct {
		ID            EventID
		Pipeline      PipelineName
		Ref           Ref
		Actor, Reason string
	}

	// LoadedLayout gives the tenant a layout. A nil Layout means that the
	// configuration could not be loaded and the last good one stays.
	LoadedLayout struct {
		// Request is the reconfiguration that this answers; 0 at start.
		Request uint64
		Layout  *Layout
		// Errors counts configuration errors and warnings.
		Errors int
	}

	// Reconfigure asks to load the configuration again.
	Reconfigure struct {
		ID     EventID
		Reason string
	}

	// PreparedItem answers PrepareItem: the speculative state and the frozen
	// jobs of one buildset.
	PreparedItem struct {
		Item     ItemID
		Buildset BuildsetID
		// Conflict says that the changes do not merge; Detail tells why.
		Conflict bool
		Detail   string
		// State is the speculative state: that of the items ahead with this
		// item's changes merged.
		State []RepoCommit
		// ConfigErrors block the item; each is a full diagnostic text.
		ConfigErrors []string
		Warnings     []string
		// InPipeline says that some change's project has a stanza for the
		// pipeline. Graph is nil without jobs.
		InPipeline bool
		Graph      *JobGraph
		// Debug tells how the jobs were chosen, where the configuration asks for
		// it (Zuul documentation, "Project: debug").
		Debug []string
		// Left are the jobs that the projects ask for and that do not run.
		Left []LeftJob
	}

	// StartedBuild says that an executor began a build.
	StartedBuild struct {
		Build    BuildID
		Executor ExecutorName
		Time     time.Time
	}

	// CompletedBuild says how a build ended.
	CompletedBuild struct {
		Build    BuildID
		Executor ExecutorName
		// Result as the executor saw it; empty asks for a retry
		// (ResultRetry is decided here).
		Result Result
		Detail string
		LogURL string
		// Returned is what the job gave back; nil is nothing.
		Returned *Returned
		Time     time.Time
	}

	// PausedBuild says that a build has done what the jobs that depend on it
	// need, and waits for ResumeBuild.
	PausedBuild struct {
		Build    BuildID
		Executor ExecutorName
		Returned *Returned
		Time     time.Time
	}

	// FailingBuild says that a build that still runs can only fail.
	FailingBuild struct {
		Build    BuildID
		Executor ExecutorName
		Detail   string
		Time     time.Time
	}

	// FoundArtifacts answers FindArtifacts. Item, Buildset, Of and Names are
	// those of the question.
	FoundArtifacts struct {
		Item     ItemID
		Buildset BuildsetID
		Of       ItemID
		Names    []string
		Builds   []ProvidedBuild
	}

	// LostExecutor says that an executor is gone with everything it ran.
	LostExecutor struct {
		Executor ExecutorName
	}

	// CompletedReport answers Report.
	CompletedReport struct {
		Report ReportID
		// Merged says, for a report that submits, that every change merged.
		Merged bool
		// Stale says that a branch moved since the state was built, so that
		// landing it would not be what was tested; nothing merged.
		Stale  bool
		Detail string
		// MergedChanges are those that merged although others of the item's
		// cycle did not.
		MergedChanges []ChangeKey
	}
)

func (TriggerEvent) command()    {}
func (EnqueueRef) command()      {}
func (DequeueRef) command()      {}
func (LoadedLayout) command()    {}
func (Reconfigure) command()     {}
func (PreparedItem) command()    {}
func (StartedBuild) command()    {}
func (CompletedBuild) command()  {}
func (PausedBuild) command()     {}
func (FailingBuild) command()    {}
func (FoundArtifacts) command()  {}
func (LostExecutor) command()    {}
func (CompletedReport) command() {}

// RepoCommit is one branch of one project at one commit of a speculative state.
type RepoCommit struct {
	Project ProjectName
	Branch  string
	Commit  string
	// Base is the commit of the branch that the state was built on: its tip
	// when the first item of the chain was merged.
	Base string
	// Config says that the state differs from the branch in configuration files.
	Config bool
	// Context marks a branch that no change of the state touches, recorded so
	// that all builds of the buildset see the same; items behind start anew.
	Context bool
}

// Result is the result of a build or buildset.
type Result string

// Results (Zuul documentation, "Build status").
const (
	ResultSuccess       Result = "SUCCESS"
	ResultFailure       Result = "FAILURE"
	ResultTimedOut      Result = "TIMED_OUT"
	ResultPostFailure   Result = "POST_FAILURE"
	ResultRetry         Result = "RETRY"
	ResultRetryLimit    Result = "RETRY_LIMIT"
	ResultAborted       Result = "ABORTED"
	ResultCanceled      Result = "CANCELED"
	ResultSkipped       Result = "SKIPPED"
	ResultDiskFull      Result = "DISK_FULL"
	ResultError         Result = "ERROR"
	ResultNodeFailure   Result = "NODE_FAILURE"
	ResultMergeConflict Result = "MERGE_CONFLICT"

	// Results of buildsets only.
	ResultMergeFailure Result = "MERGE_FAILURE"
	ResultConfigError  Result = "CONFIG_ERROR"
	ResultNoJobs       Result = "NO_JOBS"
	ResultDequeued     Result = "DEQUEUED"
)

// Rejection is the only error of Decide: a refusal that the caller caused.
type Rejection struct {
	// Code is one of invalid, not_found, conflict.
	Code    string
	Message string
	// Subject names what was refused.
	Subject string
}

func (r *Rejection) Error() string { return r.Message + ": " + r.Subject }
