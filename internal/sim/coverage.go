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

// AtLeast is what a million steps must contain, in a thousand runs or more, for the
// simulation to be worth its time: less than half of what they do.
var AtLeast = Coverage{
	"answers of the history":           1000,
	"builds canceled":                  1000,
	"clock jumps backwards":            1500,
	"conflicts":                        2500,
	"controls of queues":               10000,
	"crashes":                          3500,
	"damaged snapshots passed over":    600,
	"discarded events":                 5000,
	"drained":                          800,
	"early failures":                   80,
	"executors cut off":                1200,
	"executors that came back":         900,
	"fault: append fatal":              150,
	"fault: append kept":               1500,
	"fault: append lost":               1500,
	"fault: append refused":            1500,
	"fault: cancel lost":               250,
	"fault: crash after append":        250,
	"fault: crash at a snapshot":       50,
	"fault: crash before ack":          100,
	"fault: crash before append":       100,
	"fault: crash between effects":     250,
	"fault: crash with a torn record":  200,
	"fault: delivery again":            2000,
	"fault: input stored twice":        2000,
	"fault: inputs half delivered":     1200,
	"fault: layout can't be read":      600,
	"fault: merge refused":             40,
	"fault: read models lose the word": 400,
	"fault: read models refuse":        500,
	"fault: report word lost":          600,
	"fault: result published twice":    1000,
	"fault: snapshot damaged":          300,
	"fault: snapshot lost":             300,
	"fault: snapshot of another form":  200,
	"fault: task fails":                4000,
	"fault: work published twice":      1500,
	"ignored: CompletedBuild":          10000,
	"ignored: CompletedReport":         4000,
	"ignored: PreparedItem":            7000,
	"ignored: StartedBuild":            50000,
	"ignored: TriggerEvent":            1500,
	"items":                            60000,
	"items brought along":              7000,
	"items of several changes":         1500,
	"jobs that run again":              200,
	"landings":                         8000,
	"layouts":                          20000,
	"layouts that can't be read":       1000,
	"left with CONFIG_ERROR":           250,
	"left with DEQUEUED":               12000,
	"left with FAILURE":                7000,
	"left with MERGE_CONFLICT":         250,
	"left with MERGE_FAILURE":          200,
	"left with SUCCESS":                40000,
	"lost executors":                   1500,
	"merges":                           6000,
	"moves of items":                   2500,
	"node failures":                    8000,
	"nodes provided":                   15000,
	"held builds":                      300,
	"global semaphores":                7000,
	"non-live items":                   4000,
	"pauses":                           4000,
	"promotions":                       5000,
	"read models made anew":            800,
	"refusals":                         18000,
	"refused merges":                   80,
	"reports told again":               5000,
	"resets":                           4500,
	"results that waited":              3000,
	"retries":                          1500,
	"rivals":                           800,
	"semaphores":                       4000,
	"skipped jobs":                     6000,
	"snapshots":                        15000,
	"stale reports":                    300,
	"starts":                           5000,
	"states compared":                  25000,
	"streams made anew":                150,
	"verifications":                    2500,
	"window changes":                   10000,
}

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

// Blind lists what happened less often than runs of so many steps should show.
func (c Coverage) Blind(steps int) []string {
	var out []string
	for _, what := range sortedKeys(AtLeast) {
		if want := AtLeast[what] * steps / 1_000_000; c[what] < want {
			out = append(out, fmt.Sprintf("%s: %d times, and at least %d were to be expected", what, c[what], want))
		}
	}
	return out
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
	case scheduler.NodesProvided:
		c["nodes provided"]++
	case scheduler.NodesFailed:
		c["node failures"]++
	case scheduler.BuildHeld:
		c["held builds"]++
	case scheduler.SemaphoresGranted:
		c["global semaphores"]++
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
