package web

import "github.com/gozer-ci/gozer/scheduler"

// The status document, with every key of Zuul's. Times are milliseconds since
// 1970 in items and seconds in jobs; pointers are null where Zuul has null.
// What is added to Zuul's keys may be missing.

type statusDoc struct {
	ZuulVersion           string                 `json:"zuul_version"`
	TriggerEventQueue     queueLength            `json:"trigger_event_queue"`
	ManagementEventQueue  queueLength            `json:"management_event_queue"`
	ConnectionEventQueues map[string]queueLength `json:"connection_event_queues"`
	LastReconfigured      int64                  `json:"last_reconfigured"`
	Pipelines             []statusPipeline       `json:"pipelines"`
	State                 stateDoc               `json:"state"`
}

type queueLength struct {
	Length int `json:"length"`
}

type statusPipeline struct {
	Name             scheduler.PipelineName `json:"name"`
	Description      *string                `json:"description"`
	State            string                 `json:"state"`
	Manager          scheduler.ManagerKind  `json:"manager"`
	Triggers         []statusTrigger        `json:"triggers"`
	ChangeQueues     []statusQueue          `json:"change_queues"`
	TriggerEvents    int                    `json:"trigger_events"`
	ResultEvents     int                    `json:"result_events"`
	ManagementEvents int                    `json:"management_events"`
}

type statusTrigger struct {
	Driver string `json:"driver"`
}

type statusQueue struct {
	Name   scheduler.QueueName `json:"name"`
	Window int                 `json:"window"`
	Branch *string             `json:"branch"`
	Heads  [][]*statusItem     `json:"heads"`
}

type statusItem struct {
	ID             scheduler.ItemID   `json:"id"`
	Active         bool               `json:"active"`
	Live           bool               `json:"live"`
	Refs           []statusRef        `json:"refs"`
	ItemAhead      *string            `json:"item_ahead"`
	ItemsBehind    []scheduler.ItemID `json:"items_behind"`
	FailingReasons []string           `json:"failing_reasons"`
	ZuulRef        *string            `json:"zuul_ref"`
	EnqueueTime    int64              `json:"enqueue_time"`
	RemainingTime  *int64             `json:"remaining_time"`
	Jobs           []statusJob        `json:"jobs"`
	// Additions to Zuul's keys: how often the work on the item was thrown
	// away, and why it is in the pipeline.
	Resets int    `json:"resets,omitempty"`
	Cause  string `json:"cause,omitempty"`
}

type statusRef struct {
	URL              *string `json:"url"`
	Ref              string  `json:"ref"`
	Project          string  `json:"project"`
	ProjectCanonical string  `json:"project_canonical"`
	Owner            *string `json:"owner"`
	ID               *string `json:"id"`
}

type statusJob struct {
	Name scheduler.JobName `json:"name"`
	// Ref is the ref of a dependency cycle that the job tests; elsewhere there
	// is no doubt.
	Ref           string              `json:"ref,omitempty"`
	Dependencies  []scheduler.JobName `json:"dependencies"`
	Voting        bool                `json:"voting"`
	Queued        bool                `json:"queued"`
	Tries         int                 `json:"tries"`
	WaitingStatus *string             `json:"waiting_status"`
	Result        *string             `json:"result"`
	UUID          *string             `json:"uuid"`
	URL           *string             `json:"url"`
	FingerURL     *string             `json:"finger_url"`
	ReportURL     *string             `json:"report_url"`
	ExecuteTime   *seconds            `json:"execute_time"`
	StartTime     *seconds            `json:"start_time"`
	EndTime       *seconds            `json:"end_time"`
	EstimatedTime *seconds            `json:"estimated_time"`
	ElapsedTime   *int64              `json:"elapsed_time"`
	RemainingTime *int64              `json:"remaining_time"`
	Pipeline      *string             `json:"pipeline"`
	Canceled      *bool               `json:"canceled"`
	Paused        *bool               `json:"paused"`
	PreFail       *bool               `json:"pre_fail"`
	Retry         *bool               `json:"retry"`

	build *buildTimes // nil before the first build
}

// buildTimes is what the times of a job are computed from.
type buildTimes struct {
	estimate   estimateKey
	start, end int64 // milliseconds since 1970; 0 while unset
}

// estimateKey is what the duration of a job depends on.
type estimateKey struct {
	project scheduler.ProjectName
	branch  string
	job     scheduler.JobName
}
