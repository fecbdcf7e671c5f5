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

func (s *State) changeUpdated(c Change) {
	k := c.Key()
	if old := s.Changes[k]; old != nil {
		for _, n := range old.Needs {
			s.dependents[n.Change] = without(s.dependents[n.Change], k)
		}
		s.leaveTopic(old)
	}
	s.facts++
	s.Changes[k] = &c
	s.joinTopic(&c)
	for _, n := range c.Needs {
		s.dependents[n.Change] = insertKey(s.dependents[n.Change], k)
	}
	for _, it := range s.holding[k] {
		s.indexNeeds(it)
		s.mark(it)
	}
	for _, it := range s.needing[k] {
		s.mark(it)
	}
	s.markDependents(k)
}

func (s *State) changeForgotten(k ChangeKey) {
	c := s.Changes[k]
	if c == nil {
		return
	}
	for _, n := range c.Needs {
		s.dependents[n.Change] = without(s.dependents[n.Change], k)
		if len(s.dependents[n.Change]) == 0 {
			delete(s.dependents, n.Change)
		}
	}
	s.facts++
	delete(s.Changes, k)
	s.leaveTopic(c)
}

func compareKeys(a, b ChangeKey) int {
	if a.Number != b.Number {
		return a.Number - b.Number
	}
	switch {
	case a.Project < b.Project:
		return -1
	case a.Project > b.Project:
		return 1
	}
	return 0
}

func insertKey(list []ChangeKey, k ChangeKey) []ChangeKey {
	i, found := slices.BinarySearchFunc(list, k, compareKeys)
	if found {
		return list
	}
	return slices.Insert(list, i, k)
}

// indexNeeds lists the item under the changes that its own ones need.
func (s *State) indexNeeds(it *Item) {
	for _, k := range it.needs {
		s.needing[k] = without(s.needing[k], it)
		if len(s.needing[k]) == 0 {
			delete(s.needing, k)
		}
	}
	it.needs = it.needs[:0]
	for _, r := range it.Refs {
		c := s.Changes[r.Key()]
		if !r.IsChange() || c == nil {
			continue
		}
		for _, n := range append(s.topicNeeds(c), c.Needs...) {
			if !slices.Contains(it.needs, n.Change) {
				it.needs = append(it.needs, n.Change)
				s.needing[n.Change] = append(s.needing[n.Change], it)
			}
		}
	}
}

func (s *State) queueCreated(e QueueCreated) {
	p := s.Pipeline(e.Pipeline)
	s.ordinal++
	q := &Queue{ID: e.Queue, Pipeline: p, Name: e.Name, Branch: e.Branch, Dynamic: e.Dynamic, Window: e.Window, ordinal: s.ordinal}
	p.Queues = append(p.Queues, q)
	s.queues[q.ID] = q
}

func (s *State) queueDeleted(e QueueDeleted) {
	q := s.queues[e.Queue]
	p := q.Pipeline
	p.Queues = without(p.Queues, q)
	delete(s.queues, e.Queue)
	if len(p.Queues) == 0 && s.Layout.Pipeline(p.Config.Name) == nil {
		s.Pipelines = without(s.Pipelines, p)
	}
}

func (s *State) windowResized(e WindowResized) {
	q := s.queues[e.Queue]
	old := q.Window
	q.Window = e.Size
	for i := old; i < len(q.Items) && (i < q.Window || q.Window == 0); i++ {
		s.mark(q.Items[i])
	}
	for i := q.Window; i < len(q.Items) && q.Window > 0 && (i < old || old == 0); i++ {
		s.mark(q.Items[i])
	}
}

func (s *State) itemEnqueued(e ItemEnqueued) {
	q := s.queues[e.Queue]
	s.ordinal++
	it := &Item{
		ID: e.Item, Queue: q, Refs: e.Refs, Live: e.Live, Quiet: e.Quiet,
		Event: e.Event, EventTime: e.EventTime, EnqueuedAt: e.Time, Cause: e.Cause, Data: e.Data, Trigger: e.Trigger,
		ordinal: s.ordinal,
	}
	q.Items = append(q.Items, it)
	it.link(s.items[e.Ahead])
	s.items[it.ID] = it
	for _, r := range it.Refs {
		if r.IsChange() {
			s.holding[r.Key()] = append(s.holding[r.Key()], it)
		}
	}
	s.indexNeeds(it)
	s.mark(it)
	s.mark(it.Ahead)
	s.markNeeding(it)
}

func (s *State) itemMoved(e ItemMoved) {
	it := s.items[e.Item]
	it.unlink()
	it.link(s.items[e.Ahead])
	s.mark(it)
}

func (s *State) itemFailing(e ItemFailing) {
	it := s.items[e.Item]
	changed := (len(it.Failing) == 0) != (len(e.Reasons) == 0)
	it.Failing = e.Reasons
	if changed {
		s.markFailing(it)
	}
}

func (s *State) itemDequeued(e ItemDequeued) {
	it := s.items[e.Item]
	q := it.Queue
	wasFailing := len(it.Failing) > 0
	s.markNeeding(it)
	s.markFollowing(it)
	ahead, behind := it.Ahead, slices.Clone(it.Behind)
	s.mark(ahead)
	s.dropBuildset(it)
	s.markTwins(it)
	it.unlink()
	for _, b := range behind {
		b.Ahead = nil
		b.link(ahead)
		s.mark(b)
	}
	it.Behind = nil
	i := q.index(it)
	q.take(i)
	s.markGap(q, i, wasFailing)
	s.forgetItem(it)
}

// markGap marks what looks at an item that has left position i of a queue: those
// up to the next one that is not failing, and who enters the window.
func (s *State) markGap(q *Queue, i int, wasFailing bool) {
	for ; i < len(q.Items) && !wasFailing; i++ {
		s.mark(q.Items[i])
		if q.Items[i].Live && len(q.Items[i].Failing) == 0 {
			break
		}
	}
	if q.Window > 0 && q.Window <= len(q.Items) {
		s.mark(q.Items[q.Window-1])
	}
}

func (s *State) forgetItem(it *Item) {
	it.gone = true
	delete(s.items, it.ID)
	for _, r := range it.Refs {
		if !r.IsChange() {
			continue
		}
		k := r.Key()
		if s.holding[k] = without(s.holding[k], it); len(s.holding[k]) == 0 {
			delete(s.holding, k)
		}
	}
	for _, k := range it.needs {
		if s.needing[k] = without(s.needing[k], it); len(s.needing[k]) == 0 {
			delete(s.needing, k)
		}
	}
}
