package explain

import (
	"fmt"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// resourceRows tell of semaphores, nodes, and what is kept of failed builds.
var resourceRows = []row{
	rowOf(saySemaphoresAsked),
	rowOf(saySemaphoresGranted),
	rowOf(saySemaphoresAcquired),
	rowOf(saySemaphoresReleased),
	rowOf(sayPlaybookWaiting),
	rowOf(sayNodesRequested),
	rowOf(sayNodesProvided),
	rowOf(sayNodesFailed),
	rowOf(sayNodesReleased),
	rowOf(sayNodesRanked),
	rowOf(sayAutoholdRequested),
	rowOf(sayBuildHeld),
	rowOf(sayHoldReleased),
	rowOf(sayAutoholdDeleted),
}

func semaphores(names []scheduler.SemaphoreName) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	if len(out) == 1 {
		return "semaphore " + out[0]
	}
	return "semaphores " + enumerate(out)
}

// claimant names a job, or a playbook of its build.
func (w *who) claimant(item scheduler.ItemID, job scheduler.JobName, ref int, build scheduler.BuildID) string {
	name := w.job(item, scheduler.JobKey{Name: job, Ref: ref})
	if build != "" {
		return "A playbook of " + name
	}
	return name
}

func saySemaphoresAsked(w *who, e scheduler.SemaphoresAsked) Said {
	return sayf("%s asked for %s, which tenants share", w.claimant(e.Item, e.Job, e.Ref, e.Build), semaphores(e.Semaphores))
}

func saySemaphoresGranted(w *who, e scheduler.SemaphoresGranted) Said {
	return sayf("%s was granted the semaphores that tenants share", w.claimant(e.Item, e.Job, e.Ref, e.Build))
}

func saySemaphoresAcquired(w *who, e scheduler.SemaphoresAcquired) Said {
	return sayf("%s holds %s", w.claimant(e.Item, e.Job, e.Ref, e.Build), semaphores(e.Semaphores))
}

func saySemaphoresReleased(w *who, e scheduler.SemaphoresReleased) Said {
	name := w.claimant(e.Item, e.Job, e.Ref, e.Build)
	if len(e.Semaphores) == 0 {
		return sayf("%s no longer asks for semaphores that tenants share", name)
	}
	return sayf("%s gave %s back", name, semaphores(e.Semaphores))
}

func sayPlaybookWaiting(w *who, e scheduler.PlaybookWaiting) Said {
	return sayf("%s needs %s", w.claimant(e.Item, e.Job, e.Ref, e.Build), semaphores(e.Semaphores))
}

func sayNodesRequested(w *who, e scheduler.NodesRequested) Said {
	labels := make([]string, len(e.Nodeset.Nodes))
	for i, n := range e.Nodeset.Nodes {
		labels[i] = n.Label
	}
	s := sayf("%s asked for nodes: %s", w.job(e.Item, scheduler.JobKey{Name: e.Job, Ref: e.Ref}), orElse(enumerate(labels), "none"))
	if e.Alternative > 0 {
		return s.because(fmt.Sprintf("alternative %d is tried", e.Alternative))
	}
	return s
}

func sayNodesProvided(w *who, e scheduler.NodesProvided) Said {
	ids := make([]string, len(e.Nodes))
	for i, n := range e.Nodes {
		ids[i] = string(n.ID)
	}
	return sayf("%s has its nodes: %s", w.job(e.Item, scheduler.JobKey{Name: e.Job, Ref: e.Ref}), orElse(enumerate(ids), "none"))
}

func sayNodesFailed(w *who, e scheduler.NodesFailed) Said {
	return sayf("%s can't have its nodes", w.job(e.Item, scheduler.JobKey{Name: e.Job, Ref: e.Ref})).because(e.Detail)
}

func sayNodesReleased(w *who, e scheduler.NodesReleased) Said {
	if e.Job == "" {
		return sayf("Nodes of request %s went back", orElse(string(e.Request), "unknown")).because(e.Reason)
	}
	return sayf("%s gave its nodes back", w.job(e.Item, scheduler.JobKey{Name: e.Job, Ref: e.Ref})).because(e.Reason)
}

func sayNodesRanked(w *who, e scheduler.NodesRanked) Said {
	return sayf("The node request of %s has relative priority %d now", w.job(e.Item, scheduler.JobKey{Name: e.Job, Ref: e.Ref}), e.RelativePriority)
}

func sayAutoholdRequested(_ *who, e scheduler.AutoholdRequested) Said {
	return sayf("%s asked to keep up to %d failing builds of job %s of %s", orElse(e.Actor, "Somebody"), e.MaxCount, e.Job, e.Project).because(e.Reason)
}

func sayBuildHeld(w *who, e scheduler.BuildHeld) Said {
	until := "until the request is deleted"
	if !e.Until.IsZero() {
		until = "until " + e.Until.UTC().Format(time.DateTime)
	}
	return sayf("%s is kept %s, with %d nodes", w.job(e.Item, scheduler.JobKey{Name: e.Job, Ref: e.Ref}), until, len(e.Nodes)).
		because("autohold request " + string(e.Autohold) + " asks for it")
}

func sayHoldReleased(_ *who, e scheduler.HoldReleased) Said {
	return sayf("Build %s is kept no longer", orElse(string(e.Build), "unknown")).because(e.Reason)
}

func sayAutoholdDeleted(_ *who, e scheduler.AutoholdDeleted) Said {
	return sayf("Autohold request %s is gone", orElse(string(e.Autohold), "unknown")).because(e.Reason)
}
