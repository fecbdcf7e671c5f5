package scheduler

import "time"

// Event is a fact that the core decided. The set is closed; every type has a
// versioned name in package wire and a frozen sample there. Fields are only
// ever added, and a zero value means the old behaviour.
type Event interface{ event() }

type (
	// LayoutLoaded gives the tenant a new layout.
	LayoutLoaded struct {
		Request uint64
		Layout  *Layout
		Errors  int
		Time    time.Time
	}
	// ReconfigureRequested makes trigger events wait for a newer layout.
	ReconfigureRequested struct {
		Request uint64
		Reason  string
		Time    time.Time
	}
	// TriggerReceived accepts a trigger event into the tenant's queue.
	TriggerReceived struct {
		Trigger TriggerEvent
	}
	// TriggerHandled takes the oldest trigger event off the tenant's queue.
	TriggerHandled struct {
		ID EventID
	}
	// EnqueueReceived accepts an enqueue command into the tenant's queue.
	EnqueueReceived struct {
		Enqueue EnqueueRef
	}
	// DequeueReceived accepts a dequeue command into the tenant's queue.
	DequeueReceived struct {
		Dequeue DequeueRef
	}
	// CommandIgnored records a late, duplicate or impossible command.
	CommandIgnored struct {
		Command string // the command's type
		Subject string
		Reason  string
	}
	// ChangeUpdated replaces the facts about a change.
	ChangeUpdated struct {
		Change Change
	}
	// ChangeForgotten drops the facts about changes that nothing refers to.
	ChangeForgotten struct {
		Changes []ChangeKey
	}
	// QueueCreated adds an empty change queue to a pipeline.
	QueueCreated struct {
		Queue    QueueID
		Pipeline PipelineName
		Name     QueueName
		Branch   string
		Dynamic  bool // deleted when empty
		Window   int
	}
	// QueueDeleted removes an empty queue.
	QueueDeleted struct {
		Queue QueueID
	}
	// WindowResized changes how many items of a queue are active.
	WindowResized struct {
		Queue QueueID
		Size  int
		// Reason is empty in old records.
		Reason string
	}
	// EnqueueRefused says why a ref did not enter a pipeline.
	EnqueueRefused struct {
		Pipeline PipelineName
		Ref      Ref
		Reason   string
		Event    EventID
		// Detail says what exactly is missing, where Reason does not.
		Detail string
	}
	// ItemEnqueued appends an item to a queue, behind Ahead.
	ItemEnqueued struct {
		Item     ItemID
		Queue    QueueID
		Pipeline PipelineName
		Refs     []Ref
		Live     bool
		Quiet    bool
		Ahead    ItemID // empty at the head
		Event    EventID
		// EventTime is when the source saw the event, Time the enqueue time.
		EventTime time.Time
		Time      time.Time
		Cause     string // why it is here, in words
		// Trigger is the ref whose event brought the item here; zero means the
		// first of Refs.
		Trigger Ref
		Data    []byte // the trigger event's Data
	}
	// ItemMoved links an item behind another; Ahead empty means the head.
	ItemMoved struct {
		Item   ItemID
		Ahead  ItemID
		Reason string
		// Blame is the item that was ahead.
		Blame Blame
	}
	// PrepareRequested starts a buildset of an item.
	PrepareRequested struct {
		Item     ItemID
		Buildset BuildsetID
		Time     time.Time
		// Ahead is the item that it builds on, empty at the head, and Position
		// its place in the queue, 1 at the front; 0 in old records, which say
		// neither.
		Ahead    ItemID
		Position int
	}
	// ItemPrepared records the speculative state and jobs of a buildset.
	ItemPrepared struct {
		Item         ItemID
		Buildset     BuildsetID
		Conflict     bool
		Detail       string
		State        []RepoCommit
		ConfigErrors []string
		Warnings     []string
		InPipeline   bool
		Graph        *JobGraph
		// Debug tells how the jobs were chosen, where that is asked for.
		Debug []string
		Time  time.Time
		// Left are the jobs that the projects ask for and that do not run.
		Left []LeftJob
	}
	// BuildsetReset ends a buildset without a result of its own and leaves
	// the item to be prepared again.
	BuildsetReset struct {
		Item     ItemID
		Buildset BuildsetID
		// Canceled are the builds that had no result; Running those of them
		// that an executor may have.
		Canceled []BuildID
		Running  []BuildID
		Reason   string
		Time     time.Time
		// Blame is the item ahead that it is due to; empty when it is due to
		// the item itself.
		Blame Blame
	}
	// BuildsCanceled ends the builds of an item but keeps its buildset.
	BuildsCanceled struct {
		Item     ItemID
		Buildset BuildsetID
		Canceled []BuildID
		Running  []BuildID
		Reason   string
		Time     time.Time
		// Blame is the needed item that can't succeed, where that is the reason.
		Blame Blame
	}
	// ItemFailing replaces the reasons why an item can't succeed; none means
	// that it can again.
	ItemFailing struct {
		Item    ItemID
		Reasons []string
		// Blame is the needed item that can't succeed, where that is a reason.
		Blame Blame
	}
	// SemaphoresAcquired gives a job, or a playbook of its build, semaphores.
	SemaphoresAcquired struct {
		Item       ItemID
		Buildset   BuildsetID
		Job        JobName
		Ref        int // of the item, as FrozenJob.Ref
		Semaphores []SemaphoreName
		// Build and Number are set for a playbook, as in PlaybookWaiting.
		Build  BuildID
		Number int
	}
	// SemaphoresReleased takes back all that the job or the playbook has, and
	// what it asked the arbiter for. One whose item is gone gives back a grant
	// that came late.
	SemaphoresReleased struct {
		Item       ItemID
		Buildset   BuildsetID
		Job        JobName
		Ref        int // of the item, as FrozenJob.Ref
		Semaphores []SemaphoreName
		Build      BuildID // of a playbook
		Ask        AskID   // empty when no global ones were asked for
	}
	// BuildRequested asks for a run of a job.
	BuildRequested struct {
		Build    BuildID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int // of the item, as FrozenJob.Ref
		Attempt  int // 1-based
		// Artifacts come from jobs of changes ahead that provide what the job
		// requires.
		Artifacts []PassedArtifact
		Time      time.Time
	}
	// BuildStarted says that an executor runs it.
	BuildStarted struct {
		Build    BuildID
		Executor ExecutorName
		Time     time.Time
	}
	// BuildCompleted gives a build its result. Retry says that another
	// attempt follows.
	BuildCompleted struct {
		Build    BuildID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int // of the item, as FrozenJob.Ref
		Result   Result
		Detail   string
		LogURL   string
		Retry    bool
		Returned *Returned // nil is nothing
		Time     time.Time
	}
	// BuildPaused says that a build has done what its dependents need and
	// waits for them (Zuul documentation, "Pausing a job").
	BuildPaused struct {
		Build    BuildID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int // of the item, as FrozenJob.Ref
		Returned *Returned
		Time     time.Time
	}
	// BuildResumed lets a paused build go on: its dependents have results.
	BuildResumed struct {
		Build    BuildID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int // of the item, as FrozenJob.Ref
		Time     time.Time
	}
	// BuildFailing says that a build that still runs can only fail, so that
	// items behind need not wait for its end (Zuul documentation, "Early
	// failure detection").
	BuildFailing struct {
		Build    BuildID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int // of the item, as FrozenJob.Ref
		Detail   string
		Time     time.Time
	}
	// JobsReset opens jobs again, with or without result, since the paused
	// build that they used was lost (Zuul semantics, section 7.3).
	JobsReset struct {
		Item     ItemID
		Buildset BuildsetID
		Job      JobName // whose build was lost
		Ref      int     // of the item, as FrozenJob.Ref
		// Builds are those of the jobs that are open again; Running those of
		// them that an executor may have.
		Builds  []BuildID
		Running []BuildID
		Reason  string
		Time    time.Time
	}
	// ArtifactsRequested asks the history what the changes of a non-live item
	// ahead provided (Zuul semantics, section 12).
	ArtifactsRequested struct {
		Item     ItemID
		Buildset BuildsetID
		Of       ItemID // the non-live item
		Refs     []Ref  // its changes
		Names    []string
		Time     time.Time
	}
	// ArtifactsFound records what the history answered.
	ArtifactsFound struct {
		Item     ItemID
		Buildset BuildsetID
		Of       ItemID
		Names    []string
		Builds   []ProvidedBuild
		Time     time.Time
	}
	// JobSkipped gives a job the result SKIPPED without a build. Build is its
	// identifier in the history.
	JobSkipped struct {
		Build    BuildID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int // of the item, as FrozenJob.Ref
		Reason   string
		Time     time.Time
	}
	// ReportRequested asks to tell the sources something. Final reports hold
	// the item until ReportCompleted.
	ReportRequested struct {
		Report   ReportID
		Item     ItemID
		Buildset BuildsetID
		Pipeline PipelineName
		Action   Action
		Refs     []Ref
		// Reporters to tell; Submit says that the item's commits shall land.
		Reporters []Reporter
		Submit    bool
		Final     bool
		Result    Result // of the buildset, for final reports
		Message   string
		Builds    []BuildSummary // for final reports
		Time      time.Time
	}
	// ReportCompleted says that the sources were told.
	ReportCompleted struct {
		Report ReportID
		Item   ItemID
		Merged bool
		// Stale says that nothing merged because a branch moved under the
		// tested state: the item is tested again.
		Stale  bool
		Detail string
		// MergedChanges merged although others of the item's cycle did not.
		MergedChanges []ChangeKey
		Time          time.Time
	}
	// ItemDequeued removes an item; items behind it follow the one ahead.
	ItemDequeued struct {
		Item     ItemID
		Buildset BuildsetID // empty when none was begun
		Pipeline PipelineName
		Refs     []Ref
		Result   Result
		Message  string
		Reason   string
		// Canceled and Running as in BuildsetReset.
		Canceled []BuildID
		Running  []BuildID
		Time     time.Time
		// Detail says what exactly is missing, where Reason does not.
		Detail string
	}
)

func (LayoutLoaded) event()         {}
func (ReconfigureRequested) event() {}
func (TriggerReceived) event()      {}
func (TriggerHandled) event()       {}
func (EnqueueReceived) event()      {}
func (DequeueReceived) event()      {}
func (CommandIgnored) event()       {}
func (ChangeUpdated) event()        {}
func (ChangeForgotten) event()      {}
func (QueueCreated) event()         {}
func (QueueDeleted) event()         {}
func (WindowResized) event()        {}
func (EnqueueRefused) event()       {}
func (ItemEnqueued) event()         {}
func (ItemMoved) event()            {}
func (PrepareRequested) event()     {}
func (ItemPrepared) event()         {}
func (BuildsetReset) event()        {}
func (BuildsCanceled) event()       {}
func (ItemFailing) event()          {}
func (SemaphoresAcquired) event()   {}
func (SemaphoresReleased) event()   {}
func (BuildRequested) event()       {}
func (BuildStarted) event()         {}
func (BuildCompleted) event()       {}
func (BuildPaused) event()          {}
func (BuildResumed) event()         {}
func (BuildFailing) event()         {}
func (JobsReset) event()            {}
func (ArtifactsRequested) event()   {}
func (ArtifactsFound) event()       {}
func (JobSkipped) event()           {}
func (ReportRequested) event()      {}
func (ReportCompleted) event()      {}
func (ItemDequeued) event()         {}
