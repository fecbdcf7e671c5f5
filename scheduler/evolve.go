package scheduler

import "slices"

// NewState returns the state of a tenant about which nothing is known.
func NewState(tenant TenantName) *State {
	return &State{
		Tenant:         tenant,
		Changes:        map[ChangeKey]*Change{},
		Holders:        map[SemaphoreName][]Holder{},
		items:          map[ItemID]*Item{},
		queues:         map[QueueID]*Queue{},
		builds:         map[BuildID]*Build{},
		holding:        map[ChangeKey][]*Item{},
		needing:        map[ChangeKey][]*Item{},
		dependents:     map[ChangeKey][]ChangeKey{},
		topics:         map[topicKey][]ChangeKey{},
		facts:          1,
		semaphoreUsers: map[SemaphoreName][]*Item{},
		requiring:      map[string][]*Item{},
		requests:       map[NodeRequestID]nodeDemand{},
	}
}

// Fold applies the events of one commit as a reader does, who decides nothing.
func Fold(s *State, events []Event) {
	for _, e := range events {
		Evolve(s, e)
	}
	s.forgetDirty()
}

// Evolve applies one fact. It cannot fail and takes no decisions; an event
// that does not fit the state panics, since the log would then be damaged.
// It marks what the event touches for settle to look at.
func Evolve(s *State, e Event) {
	switch e := e.(type) {
	case LayoutLoaded:
		s.layoutLoaded(e)
	case ReconfigureRequested:
		s.Requested = e.Request
	case TriggerReceived:
		s.recent.add(e.Trigger.ID)
		s.Inbox = append(s.Inbox, InboxEntry{Trigger: &e.Trigger, Deferred: s.Control.TriggerPaused})
	case EnqueueReceived:
		s.recent.add(e.Enqueue.ID)
		s.Inbox = append(s.Inbox, InboxEntry{Enqueue: &e.Enqueue})
	case DequeueReceived:
		s.recent.add(e.Dequeue.ID)
		s.Inbox = append(s.Inbox, InboxEntry{Dequeue: &e.Dequeue})
	case TriggerHandled:
		s.taken(e.ID)
	case PromoteReceived:
		s.recent.add(e.Promote.ID)
		s.Inbox = append(s.Inbox, InboxEntry{Promote: &e.Promote})
	case LandingTold:
		s.landingTold(e)
	case ItemRequeued:
		s.itemRequeued(e)
	case QueuesControlled:
		s.queuesControlled(e)
	case TriggerDiscarded:
		s.taken(e.ID)
	case ResultReceived:
		s.Results = append(s.Results, e.Result)
	case ResultHandled:
		s.Results = s.Results[1:]
	case QueuePromoted:
		s.queuePromoted(e)
	case FailuresCounted:
		s.failuresCounted(e)
	case CommandIgnored, EnqueueRefused:
	case ChangeUpdated:
		s.changeUpdated(e.Change)
	case ChangeForgotten:
		for _, k := range e.Changes {
			s.changeForgotten(k)
		}
	case QueueCreated:
		s.queueCreated(e)
	case QueueDeleted:
		s.queueDeleted(e)
	case WindowResized:
		s.windowResized(e)
	case ItemEnqueued:
		s.itemEnqueued(e)
	case ItemMoved:
		s.itemMoved(e)
	case PrepareRequested:
		s.prepareRequested(e)
	case ItemPrepared:
		s.itemPrepared(e)
	case BuildsetReset:
		s.buildsetReset(e)
	case BuildsCanceled:
		s.buildsCanceled(e)
	case ItemFailing:
		s.itemFailing(e)
	case SemaphoresAcquired:
		s.semaphoresAcquired(e)
	case SemaphoresReleased:
		s.semaphoresReleased(e)
	case BuildRequested:
		s.buildRequested(e)
	case BuildStarted:
		s.buildStarted(e)
	case BuildCompleted:
		s.buildCompleted(e)
	case BuildPaused:
		s.buildPaused(e)
	case BuildResumed:
		s.buildResumed(e)
	case BuildFailing:
		s.buildFailing(e)
	case JobsReset:
		s.jobsReset(e)
	case ArtifactsRequested:
		s.artifactsRequested(e)
	case ArtifactsFound:
		s.artifactsFound(e)
	case JobSkipped:
		s.jobSkipped(e)
	case ReportRequested:
		s.reportRequested(e)
	case ReportCompleted:
		s.reportCompleted(e)
	case ItemDequeued:
		s.itemDequeued(e)
	default:
		s.evolveResource(e)
	}
}

// layoutLoaded swaps the layout under the queues. Pipelines that vanished are
// kept, without configuration in the layout, until settle has emptied them.
func (s *State) layoutLoaded(e LayoutLoaded) {
	s.Loaded = max(s.Loaded, e.Request)
	s.Requested = max(s.Requested, s.Loaded)
	s.LayoutErrors = e.Errors
	if e.Layout == nil {
		return
	}
	s.Layout = e.Layout
	s.facts++
	s.ReconfiguredAt = e.Time
	old := s.Pipelines
	s.Pipelines = make([]*Pipeline, 0, len(e.Layout.Pipelines))
	for i := range e.Layout.Pipelines {
		c := &e.Layout.Pipelines[i]
		p := &Pipeline{}
		if j := slices.IndexFunc(old, func(p *Pipeline) bool { return p.Config.Name == c.Name }); j >= 0 {
			p = old[j]
			old = slices.Delete(slices.Clone(old), j, j+1)
		}
		p.Config = c
		p.Failures, p.Disabled = 0, false
		s.Pipelines = append(s.Pipelines, p)
	}
	for _, p := range old {
		if len(p.Queues) > 0 {
			s.Pipelines = append(s.Pipelines, p)
		}
	}
	s.markAll()
}
