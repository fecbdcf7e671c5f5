package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// Coverage counts what happened, so that a simulation can't go blind unnoticed.
type Coverage map[string]int

// AtLeast is what a thousand runs of a thousand steps must contain for the
// simulation to be worth its time: less than half of what they do.
var AtLeast = Coverage{}

// Add sums two counts.
func (c Coverage) Add(o Coverage) {
	for k, n := range o {
		c[k] += n
	}
}

func (c Coverage) String() string {
	var b strings.Builder
	for _, k := range sortedKeys(c) {
		fmt.Fprintf(&b, "%9d %s\n", c[k], k)
	}
	return b.String()
}

// Messages is how many messages came twice, late or never.
func (c Coverage) Messages() int {
	n := 0
	for _, name := range []string{
		"work published twice", "cancel lost", "report word lost", "result published twice", "delivery again",
		"input stored twice", "inputs half delivered", "lease ends early", "task fails",
	} {
		n += c["fault: "+name]
	}
	return n
}

// count notes what an event says has happened.
func (c Coverage) count(e scheduler.Event) {
	c["events"]++
	switch e := e.(type) {
	case scheduler.BuildsetReset:
		c["resets"]++
		if strings.HasPrefix(e.Reason, "a branch moved") {
			c["stale landings"]++
		}
	case scheduler.BuildsCanceled:
		c["builds canceled"]++
	case scheduler.ItemMoved:
		c["moves of items"]++
	case scheduler.ItemEnqueued:
		c["items"]++
		if !e.Live {
			c["non-live items"]++
		}
		if strings.HasPrefix(e.Cause, "need") {
			c["items brought along"]++
		}
		if len(e.Refs) > 1 {
			c["items of several changes"]++
		}
	case scheduler.BuildCompleted:
		c["build results: "+string(e.Result)]++
		if e.Retry {
			c["retries"]++
		}
	case scheduler.JobSkipped:
		c["skipped jobs"]++
	case scheduler.BuildPaused:
		c["pauses"]++
	case scheduler.BuildFailing:
		c["early failures"]++
	case scheduler.JobsReset:
		c["jobs that run again"] += len(e.Builds)
	case scheduler.ArtifactsFound:
		c["answers of the history"]++
	case scheduler.PromoteReceived:
		c["promotions"]++
	case scheduler.QueuesControlled:
		c["controls of queues"]++
	case scheduler.ResultReceived:
		c["results that waited"]++
	case scheduler.TriggerDiscarded:
		c["discarded events"]++
	case scheduler.FailuresCounted:
		if e.Disabled {
			c["disabled pipelines"]++
		}
	case scheduler.SemaphoresAcquired:
		c["semaphores"]++
	case scheduler.WindowResized:
		c["window changes"]++
	case scheduler.CommandIgnored:
		c["ignored: "+strings.TrimPrefix(e.Command, "scheduler.")]++
	case scheduler.EnqueueRefused:
		c["refusals"]++
	case scheduler.LayoutLoaded:
		c["layouts"]++
		if e.Layout == nil {
			c["layouts that can't be read"]++
		}
	case scheduler.ReportCompleted:
		switch {
		case e.Merged:
			c["merges"]++
		case e.Stale:
			c["stale reports"]++
		case e.Detail != "":
			c["refused merges"]++
		}
	case scheduler.ItemDequeued:
		c["left with "+string(e.Result)]++
	}
}

func sortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// firstLines shortens what a panic says.
func firstLines(text string) string {
	lines := strings.SplitN(text, "\n", 4)
	return strings.Join(lines[:min(3, len(lines))], "\n")
}
