package scheduler

import "time"

// State is everything that the core knows of one tenant. One goroutine owns
// it. Evolve is its only writer.
type State struct {
	Tenant TenantName
	// Layout in force; nil until the first LayoutLoaded.
	Layout       *Layout
	LayoutErrors int
	// ReconfiguredAt is when Layout was loaded.
	ReconfiguredAt time.Time
	// Requested and Loaded number reconfigurations; triggers wait while
	// Loaded < Requested.
	Requested, Loaded uint64

	Pipelines []*Pipeline // configuration order
	// Changes holds the facts of changes in pipelines or needed there.
	Changes map[ChangeKey]*Change
	// Inbox holds trigger events, enqueue and dequeue commands not yet handled,
	// oldest first.
	Inbox []InboxEntry
	// Holders of semaphores in order of acquisition.
	Holders map[SemaphoreName][]Holder
	// Autoholds are the autohold requests, oldest first, and AutoholdsMade
	// how many there ever were.
	Autoholds     []*Autohold
	AutoholdsMade int
	// Reports not yet completed, oldest first.
	Reports []*ReportRequested
	// Landed are merges of which other changes are still to be told.
	Landed []Landing
	// Control says which queues an operator has stopped; Results are those that
	// wait because of it, oldest first.
	Control Control
	Results []WaitingResult

	recent recentIDs // identifiers of recent commands, to recognise duplicates

	items  map[ItemID]*Item
	queues map[QueueID]*Queue
	builds map[BuildID]*Build
	// holding and needing list the items that hold a change or need it directly,
	// in order of enqueueing; dependents the changes that need one, sorted.
	holding    map[ChangeKey][]*Item
	needing    map[ChangeKey][]*Item
	dependents map[ChangeKey][]ChangeKey
	// topics lists the changes of a topic, sorted; facts counts what was learnt
	// about changes.
	topics map[topicKey][]ChangeKey
	facts  uint64
	// requests finds open and fulfilled node requests.
	requests map[NodeRequestID]nodeDemand
	// semaphoreUsers lists the items whose jobs use a semaphore.
	semaphoreUsers map[SemaphoreName][]*Item
	// requiring lists the items with jobs that require an artifact.
	requiring map[string][]*Item
	ordinal   uint64 // last number given to a queue or item
	dirty     dirtyHeap
	visits    int // items that settling looked at; a test holds the cost of a change to it
}

// InboxEntry is one of these, with the others nil.
type InboxEntry struct {
	Trigger *TriggerEvent
	Enqueue *EnqueueRef
	Dequeue *DequeueRef
	Promote *PromoteRefs
	// Deferred says that the trigger event came in during a pause.
	Deferred bool
}

// Holder is a job that holds a semaphore, or a playbook of its build.
type Holder struct {
	Buildset BuildsetID
	Job      JobName
	Ref      int
	Build    BuildID // of a playbook
	// Max of the semaphore when it was taken.
	Max int
}

// key identifies the job in its buildset.
func (h Holder) key() JobKey { return JobKey{h.Job, h.Ref} }

// Pipeline is a pipeline with its queues.
type Pipeline struct {
	Config *PipelineConfig
	Queues []*Queue // in order of creation
	// Failures counts the items that failed in a row, where the pipeline
	// cares; Disabled says that they were too many.
	Failures int
	Disabled bool
}

// Queue is a change queue.
type Queue struct {
	ID       QueueID
	Pipeline *Pipeline
	Name     QueueName
	Branch   string
	Dynamic  bool
	Window   int // 0 is unlimited
	Items    []*Item

	ordinal uint64
	holding int // items with jobs that may hold those behind
}

// Item is one ref, or a cycle of changes, in a queue.
type Item struct {
	ID    ItemID
	Queue *Queue
	Refs  []Ref
	Live  bool
	Quiet bool
	// Ahead is the item whose speculative state this one builds on; it is not
	// always the one in front of it in the queue. Behind lists the items whose
	// Ahead this is, in queue order.
	Ahead  *Item
	Behind []*Item

	// Trigger is the ref whose event brought the item here; zero means the
	// first of Refs.
	Trigger    Ref
	Event      EventID
	EventTime  time.Time
	EnqueuedAt time.Time
	Cause      string
	Data       []byte

	// Buildset is the current attempt; nil until the item is first prepared
	// and after a reset.
	Buildset *Buildset
	// Failing holds the reasons why the item can't succeed now.
	Failing []string
	// StartReported says that start reporters ran for it.
	StartReported bool
	// Report is the final report under way; empty before.
	Report ReportID
	// Resets counts how often work on the item was thrown away.
	Resets int

	ordinal uint64      // position: items of a queue are sorted by it
	needs   []ChangeKey // keys under which needing lists the item
	dirty   bool        // in the state's dirty heap
	gone    bool        // dequeued
	cycleAt uint64      // State.facts when its cycle was last looked at
}

// Buildset is one attempt to test an item on one speculative state.
type Buildset struct {
	ID   BuildsetID
	Item *Item
	// RequestedAt is when preparation was asked for, PreparedAt when it was done.
	RequestedAt time.Time
	Prepared    bool
	PreparedAt  time.Time

	Conflict     bool
	Detail       string
	State        []RepoCommit
	ConfigErrors []string
	Warnings     []string
	Debug        []string // how the jobs were chosen
	InPipeline   bool
	Graph        *JobGraph // nil without jobs
	// Base lists the refs of the items ahead in State, oldest first.
	Base []Ref
	// Jobs in the graph's order.
	Jobs []*JobRun
	// Lookups in the history that the jobs need.
	Lookups []Lookup
}

// JobRun is the progress of one job of a buildset.
type JobRun struct {
	Job *FrozenJob
	// Build is the current or final build; nil before the first.
	Build *Build
	// Tries counts builds begun. Retried are builds that another attempt followed.
	Tries   int
	Retried []*Build
	// Semaphores held now, in name order.
	Semaphores []SemaphoreName

	parents, children []kin // jobs it depends on, and that depend on it
	// Ask is the request for those of them that are global.
	Ask *Ask
	// Request for the job's nodes; nil when none is open or fulfilled.
	Request *NodeRequest
	// Alternative is the index of the nodeset that is tried.
	Alternative int
}

// Build is one execution of a job.
type Build struct {
	ID       BuildID
	Buildset *Buildset
	Job      JobName
	Ref      int // as FrozenJob.Ref
	Attempt  int

	RequestedAt time.Time
	StartedAt   time.Time // zero until an executor has it
	CompletedAt time.Time // zero until it has a result
	Executor    ExecutorName
	Result      Result // empty until it has one
	Detail      string
	LogURL      string
	// PausedAt and ResumedAt are zero for a build that never paused or that is
	// paused still.
	PausedAt, ResumedAt time.Time
	// Failing says that it will fail, while it still runs.
	Failing bool
	// Returned is what the job gave back; nil is nothing.
	Returned *Returned
	// Artifacts of changes ahead that the job requires.
	Artifacts []PassedArtifact

	// Playbook is what the build's playbook has of semaphores; nil before the
	// first that needs any.
	Playbook *PlaybookHold
}

// Key identifies the build's job in its buildset.
func (b *Build) Key() JobKey { return JobKey{b.Job, b.Ref} }

// Item returns an item by its identifier, or nil.
func (s *State) Item(id ItemID) *Item { return s.items[id] }

// Build returns a build of a current buildset, or nil.
func (s *State) Build(id BuildID) *Build { return s.builds[id] }

// Pipeline returns the pipeline called name, or nil.
func (s *State) Pipeline(name PipelineName) *Pipeline {
	for _, p := range s.Pipelines {
		if p.Config.Name == name {
			return p
		}
	}
	return nil
}
