package explain

import (
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// controlRows tell of what operators do to queues as a whole.
var controlRows = []row{
	rowOf(sayPromoteReceived),
	rowOf(sayQueuePromoted),
	rowOf(sayItemRequeued),
	rowOf(sayLandingTold),
	rowOf(sayQueuesControlled),
	rowOf(sayTriggerDiscarded),
	rowOf(sayResultReceived),
	rowOf(sayResultHandled),
}

func sayPromoteReceived(_ *who, e scheduler.PromoteReceived) Said {
	ids := make([]string, len(e.Promote.Refs))
	for i, r := range e.Promote.Refs {
		ids[i] = r.ID()
	}
	return sayf("%s asked to promote %s in %s", actor(e.Promote.Actor), strings.Join(ids, ", "), e.Promote.Pipeline).because(e.Promote.Reason)
}

func sayQueuePromoted(_ *who, e scheduler.QueuePromoted) Said {
	return sayf("The queue moved to the front of %s", e.Pipeline)
}

func sayItemRequeued(_ *who, e scheduler.ItemRequeued) Said {
	return sayf("It moved to another queue of %s and keeps its builds if what it builds on came with it", e.Pipeline).because(e.Reason)
}

func sayLandingTold(_ *who, _ scheduler.LandingTold) Said {
	return sayf("The open changes of the project were told of the merge").minor()
}

func sayQueuesControlled(_ *who, e scheduler.QueuesControlled) Said {
	var stopped []string
	if e.TriggerPaused {
		stopped = append(stopped, "trigger events wait")
	}
	if e.TriggerDiscarding {
		stopped = append(stopped, "trigger events are dropped")
	}
	if e.ResultPaused {
		stopped = append(stopped, "results of builds and merges wait")
	}
	if len(stopped) == 0 {
		return sayf("%s let all queues of the tenant go on", actor(e.Actor)).because(e.Reason)
	}
	return sayf("%s stopped queues of the tenant: %s", actor(e.Actor), strings.Join(stopped, ", ")).because(e.Reason)
}

func sayTriggerDiscarded(_ *who, e scheduler.TriggerDiscarded) Said {
	return sayf("The event was dropped, as all are now").because(e.Reason)
}

func sayResultReceived(_ *who, _ scheduler.ResultReceived) Said {
	return sayf("A result arrived, and waits until results are handled again")
}

func sayResultHandled(_ *who, _ scheduler.ResultHandled) Said {
	return sayf("A result that had waited is handled").minor()
}
