package schedtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// Coverage counts what happened in histories, so that a test of them can't rot
// into one where nothing does.
type Coverage map[string]int

// Count adds a history.
func (c Coverage) Count(h *History) {
	for _, e := range h.W.Events {
		c.jobs(e)
		switch e := e.(type) {
		case scheduler.BuildsetReset:
			c["resets"]++
			if strings.HasPrefix(e.Reason, "a branch moved") {
				c["stale landings"]++
			}
		case scheduler.BuildsCanceled:
			c["builds cancelled for a failing dependency"]++
		case scheduler.ItemMoved:
			c["moves"]++
		case scheduler.ItemFailing:
			if slices.Equal(e.Reasons, []string{"a needed change is failing"}) {
				c["failing dependencies"]++
			}
		case scheduler.ItemEnqueued:
			c["items"]++
			if len(e.Refs) > 1 {
				c["cycles"]++
			}
			if !e.Live {
				c["non-live items"]++
			}
			if strings.HasPrefix(e.Cause, "need") {
				c["items brought along"]++
			}
		case scheduler.BuildCompleted:
			if e.Retry {
				c["retries"]++
			}
		case scheduler.JobSkipped:
			c["skipped jobs"]++
		case scheduler.SemaphoresAcquired:
			c["semaphores"]++
		case scheduler.SemaphoresAsked:
			c["asks for global semaphores"]++
		case scheduler.SemaphoresReleased:
			if e.Ask != "" && len(e.Semaphores) == 0 {
				c["grants given back"]++
			}
		case scheduler.PlaybookWaiting:
			c["playbooks that wait"]++
		case scheduler.NodesRequested:
			c["node requests"]++
		case scheduler.NodesFailed:
			c["node failures"]++
		case scheduler.NodesReleased:
			c["nodes given back"]++
		case scheduler.NodesRanked:
			c["ranks"]++
		case scheduler.BuildHeld:
			c["builds held"]++
		case scheduler.HoldReleased:
			c["held builds let go"]++
		case scheduler.WindowResized:
			c["window changes"]++
		case scheduler.CommandIgnored:
			c["ignored commands"]++
		case scheduler.EnqueueRefused:
			c["refusals"]++
		case scheduler.ReconfigureRequested:
			c["reconfigurations"]++
		case scheduler.ItemDequeued:
			c.dequeued(e)
		}
	}
}

func (c Coverage) dequeued(e scheduler.ItemDequeued) {
	c["left with "+string(e.Result)]++
	switch {
	case e.Reason == "its dependency cycle changed":
		c["cycles that changed"]++
	case strings.HasPrefix(e.Reason, "Dependency cycle change"):
		c["abandoned cycles"]++
	case strings.HasPrefix(e.Reason, "This change depends on"):
		c["left for want of a change"]++
	case strings.HasPrefix(e.Reason, "This change is unable"):
		c["left for want of a requirement"]++
	}
}

// Add sums two counts.
func (c Coverage) Add(o Coverage) {
	for k, n := range o {
		c[k] += n
	}
}

func (c Coverage) String() string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(c)) {
		fmt.Fprintf(&b, "%9d %s\n", c[k], k)
	}
	return b.String()
}
