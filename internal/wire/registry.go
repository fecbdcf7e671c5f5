package wire

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/gozer-ci/gozer/scheduler"
)

// entry is one type with the name it is written under.
type entry struct {
	name   string
	typ    reflect.Type
	decode func(c *Codec, data []byte) (any, error)
	encode func(c *Codec, value any) (any, []blob, error)
}

// entryOf describes a type that is written field by field.
func entryOf[T any](name string) entry {
	return entry{
		name: name,
		typ:  reflect.TypeFor[T](),
		decode: func(_ *Codec, data []byte) (any, error) {
			var v T
			err := json.Unmarshal(data, &v)
			return v, err
		},
		encode: func(_ *Codec, value any) (any, []blob, error) { return value, nil, nil },
	}
}

// upcaster rewrites the data of an outdated name into that of the next one.
type upcaster struct {
	to   string
	data func(json.RawMessage) (json.RawMessage, error)
}

// registry is a closed set of types and the outdated names of them.
type registry struct {
	byName    map[string]*entry
	byType    map[reflect.Type]*entry
	upcasters map[string]upcaster
}

func newRegistry(upcasters map[string]upcaster, entries ...entry) *registry {
	r := &registry{
		byName:    make(map[string]*entry, len(entries)),
		byType:    make(map[reflect.Type]*entry, len(entries)),
		upcasters: upcasters,
	}
	for i := range entries {
		r.byName[entries[i].name] = &entries[i]
		r.byType[entries[i].typ] = &entries[i]
	}
	return r
}

// UnknownTypeError says that a name is in no registry.
type UnknownTypeError struct{ Name string }

func (e *UnknownTypeError) Error() string {
	return fmt.Sprintf("type %q is unknown: it is damaged or a newer gozer wrote it", e.Name)
}

// decode finds name's type, by way of upcasters when it is outdated.
func (r *registry) decode(c *Codec, name []byte, data []byte) (any, error) {
	if e := r.byName[string(name)]; e != nil { // the conversion does not allocate
		v, err := e.decode(c, data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return v, nil
	}
	up, ok := r.upcasters[string(name)]
	if !ok {
		return nil, &UnknownTypeError{Name: string(name)}
	}
	next, err := up.data(data)
	if err != nil {
		return nil, fmt.Errorf("upcast %s to %s: %w", name, up.to, err)
	}
	return r.decode(c, []byte(up.to), next)
}

// events are the names of all events in their current versions.
var events = newRegistry(
	map[string]upcaster{},
	layoutLoadedEntry("layout.loaded/1"),
	entryOf[scheduler.ReconfigureRequested]("reconfigure.requested/1"),
	entryOf[scheduler.TriggerReceived]("trigger.received/1"),
	entryOf[scheduler.TriggerHandled]("trigger.handled/1"),
	entryOf[scheduler.EnqueueReceived]("enqueue.received/1"),
	entryOf[scheduler.EnqueueRefused]("enqueue.refused/1"),
	entryOf[scheduler.DequeueReceived]("dequeue.received/1"),
	entryOf[scheduler.CommandIgnored]("command.ignored/1"),
	entryOf[scheduler.ChangeUpdated]("change.updated/1"),
	entryOf[scheduler.ChangeForgotten]("change.forgotten/1"),
	entryOf[scheduler.QueueCreated]("queue.created/1"),
	entryOf[scheduler.QueueDeleted]("queue.deleted/1"),
	entryOf[scheduler.WindowResized]("window.resized/1"),
	entryOf[scheduler.ItemEnqueued]("item.enqueued/1"),
	entryOf[scheduler.ItemMoved]("item.moved/1"),
	entryOf[scheduler.PrepareRequested]("prepare.requested/1"),
	itemPreparedEntry("item.prepared/1"),
	entryOf[scheduler.BuildsetReset]("buildset.reset/1"),
	entryOf[scheduler.BuildsCanceled]("builds.canceled/1"),
	entryOf[scheduler.ItemFailing]("item.failing/1"),
	entryOf[scheduler.SemaphoresAcquired]("semaphores.acquired/1"),
	entryOf[scheduler.SemaphoresReleased]("semaphores.released/1"),
	entryOf[scheduler.SemaphoresAsked]("semaphores.asked/1"),
	entryOf[scheduler.SemaphoresGranted]("semaphores.granted/1"),
	entryOf[scheduler.PlaybookWaiting]("playbook.waiting/1"),
	entryOf[scheduler.NodesRequested]("nodes.requested/1"),
	entryOf[scheduler.NodesProvided]("nodes.provided/1"),
	entryOf[scheduler.NodesFailed]("nodes.failed/1"),
	entryOf[scheduler.NodesReleased]("nodes.released/1"),
	entryOf[scheduler.NodesRanked]("nodes.ranked/1"),
	entryOf[scheduler.AutoholdRequested]("autohold.requested/1"),
	entryOf[scheduler.AutoholdDeleted]("autohold.deleted/1"),
	entryOf[scheduler.BuildHeld]("build.held/1"),
	entryOf[scheduler.HoldReleased]("hold.released/1"),
	entryOf[scheduler.BuildRequested]("build.requested/1"),
	entryOf[scheduler.BuildStarted]("build.started/1"),
	entryOf[scheduler.BuildCompleted]("build.completed/1"),
	entryOf[scheduler.BuildPaused]("build.paused/1"),
	entryOf[scheduler.BuildResumed]("build.resumed/1"),
	entryOf[scheduler.BuildFailing]("build.failing/1"),
	entryOf[scheduler.JobsReset]("jobs.reset/1"),
	entryOf[scheduler.ArtifactsRequested]("artifacts.requested/1"),
	entryOf[scheduler.ArtifactsFound]("artifacts.found/1"),
	entryOf[scheduler.JobSkipped]("job.skipped/1"),
	entryOf[scheduler.ReportRequested]("report.requested/1"),
	entryOf[scheduler.ReportCompleted]("report.completed/1"),
	entryOf[scheduler.ItemDequeued]("item.dequeued/1"),
	entryOf[scheduler.FailuresCounted]("failures.counted/1"),
	entryOf[scheduler.LandingTold]("landing.told/1"),
	entryOf[scheduler.ItemRequeued]("item.requeued/1"),
	entryOf[scheduler.QueuesControlled]("queues.controlled/1"),
	entryOf[scheduler.TriggerDiscarded]("trigger.discarded/1"),
	entryOf[scheduler.ResultReceived]("result.received/1"),
	entryOf[scheduler.ResultHandled]("result.handled/1"),
	entryOf[scheduler.PromoteReceived]("promote.received/1"),
	entryOf[scheduler.QueuePromoted]("queue.promoted/1"),
)

// commands are the names of all commands in their current versions.
var commands = newRegistry(
	map[string]upcaster{},
	entryOf[scheduler.TriggerEvent]("trigger.received/1"),
	entryOf[scheduler.EnqueueRef]("ref.enqueue/1"),
	entryOf[scheduler.DequeueRef]("ref.dequeue/1"),
	entryOf[scheduler.PromoteRefs]("ref.promote/1"),
	entryOf[scheduler.FoundOpenChanges]("changes.open/1"),
	entryOf[scheduler.ControlQueues]("queues.control/1"),
	entryOf[scheduler.LoadedLayout]("layout.loaded/1"),
	entryOf[scheduler.Reconfigure]("tenant.reconfigure/1"),
	entryOf[scheduler.PreparedItem]("item.prepared/1"),
	entryOf[scheduler.StartedBuild]("build.started/1"),
	entryOf[scheduler.CompletedBuild]("build.completed/1"),
	entryOf[scheduler.PausedBuild]("build.paused/1"),
	entryOf[scheduler.FailingBuild]("build.failing/1"),
	entryOf[scheduler.FoundArtifacts]("artifacts.found/1"),
	entryOf[scheduler.GrantedSemaphores]("semaphores.granted/1"),
	entryOf[scheduler.AskedSemaphores]("semaphores.asked/1"),
	entryOf[scheduler.ReturnedSemaphores]("semaphores.returned/1"),
	entryOf[scheduler.ProvidedNodes]("nodes.provided/1"),
	entryOf[scheduler.CreateAutohold]("autohold.create/1"),
	entryOf[scheduler.DeleteAutohold]("autohold.delete/1"),
	entryOf[scheduler.Tick]("tenant.tick/1"),
	entryOf[scheduler.LostExecutor]("executor.lost/1"),
	entryOf[scheduler.CompletedReport]("report.completed/1"),
)
