package explain

import (
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// inputRows tell of what came from outside.
var inputRows = []row{
	rowOf(sayTriggerReceived),
	rowOf(sayTriggerHandled),
	rowOf(sayEnqueueReceived),
	rowOf(sayDequeueReceived),
	rowOf(sayEnqueueRefused),
	rowOf(sayCommandIgnored),
}

func sayTriggerReceived(_ *who, e scheduler.TriggerReceived) Said {
	s := sayf("Event %s of %s arrived", e.Trigger.Type, e.Trigger.Ref)
	if e.Trigger.Username != "" {
		return s.because("done by " + e.Trigger.Username)
	}
	return s
}

func sayTriggerHandled(_ *who, _ scheduler.TriggerHandled) Said {
	return sayf("The event was shown to all pipelines").minor()
}

func sayEnqueueReceived(_ *who, e scheduler.EnqueueReceived) Said {
	c := e.Enqueue
	return sayf("%s asked to put %s into %s", actor(c.Actor), c.Ref, c.Pipeline).because(c.Reason)
}

func sayDequeueReceived(_ *who, e scheduler.DequeueReceived) Said {
	c := e.Dequeue
	return sayf("%s asked to take %s out of %s", actor(c.Actor), c.Ref, c.Pipeline).because(c.Reason)
}

func actor(name string) string {
	if name == "" {
		return "Somebody"
	}
	return name
}

func sayEnqueueRefused(_ *who, e scheduler.EnqueueRefused) Said {
	reason := e.Reason
	if reason == "" {
		reason = "a change that it needs can't be put ahead of it"
	}
	if e.Detail != "" {
		reason = clause(reason) + ": " + e.Detail
	}
	return sayf("%s did not enter %s", e.Ref, e.Pipeline).because(reason)
}

func sayCommandIgnored(_ *who, e scheduler.CommandIgnored) Said {
	command := strings.TrimPrefix(e.Command, "scheduler.")
	if about := e.Subject; about != "" {
		return sayf("%s for %s had no effect", command, about).because(e.Reason)
	}
	return sayf("%s had no effect", command).because(e.Reason)
}
