package client

// Change is a change of the built-in code review, as far as this program
// shows it; openapi.yaml has it all.
type Change struct {
	Number    int      `json:"number"`
	URL       string   `json:"url"`
	Project   string   `json:"project"`
	Branch    string   `json:"branch"`
	Subject   string   `json:"subject"`
	Owner     string   `json:"owner"`
	Status    string   `json:"status"`
	Updated   string   `json:"updated"`
	Patchset  int      `json:"patchset"`
	Commit    string   `json:"commit"`
	Votes     []Vote   `json:"votes"`
	Missing   []string `json:"missing"`
	Message   string   `json:"message"`
	DependsOn []int    `json:"depends_on"`
	NeededBy  []int    `json:"needed_by"`
	Comments  []struct {
		Author   string `json:"author"`
		Message  string `json:"message"`
		Votes    []Vote `json:"votes"`
		Patchset int    `json:"patchset"`
		Created  string `json:"created"`
	} `json:"comments"`
}

// Vote is one person's value for a label.
type Vote struct {
	Label string `json:"label"`
	Value int    `json:"value"`
	User  string `json:"user"`
}

// Project is a repository of the built-in code review.
type Project struct {
	Name          string `json:"name"`
	DefaultBranch string `json:"default_branch"`
	CloneURL      string `json:"clone_url"`
	Created       string `json:"created"`
}

// Ref is what a build tested.
type Ref struct {
	Project  string `json:"project"`
	Branch   string `json:"branch"`
	Change   int    `json:"change"`
	Patchset any    `json:"patchset"` // Zuul writes it as text
	Ref      string `json:"ref"`
	RefURL   string `json:"ref_url"`
}

// Build is one execution of a job.
type Build struct {
	UUID        string   `json:"uuid"`
	JobName     string   `json:"job_name"`
	Result      *string  `json:"result"`
	StartTime   *string  `json:"start_time"`
	EndTime     *string  `json:"end_time"`
	Duration    *float64 `json:"duration"`
	Voting      bool     `json:"voting"`
	LogURL      *string  `json:"log_url"`
	ErrorDetail *string  `json:"error_detail"`
	Pipeline    string   `json:"pipeline"`
	Ref         Ref      `json:"ref"`
	Artifacts   []struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	} `json:"artifacts"`
	Buildset struct {
		UUID string `json:"uuid"`
	} `json:"buildset"`
}

// Buildset is one attempt to test an item.
type Buildset struct {
	UUID       string  `json:"uuid"`
	Result     *string `json:"result"`
	Message    *string `json:"message"`
	Pipeline   string  `json:"pipeline"`
	FirstStart *string `json:"first_build_start_time"`
	LastEnd    *string `json:"last_build_end_time"`
	Refs       []Ref   `json:"refs"`
}

// Status is what happens in a tenant now.
type Status struct {
	Pipelines []Pipeline  `json:"pipelines"`
	State     TenantState `json:"state"`
}

// TenantState says which queues of a tenant stand still.
type TenantState struct {
	TriggerPaused     bool    `json:"trigger_queue_paused"`
	TriggerDiscarding bool    `json:"trigger_queue_discarding"`
	ResultPaused      bool    `json:"result_queue_paused"`
	Reason            *string `json:"reason"`
}

// Stopped reports whether anything stands still.
func (s TenantState) Stopped() bool { return s.TriggerPaused || s.TriggerDiscarding || s.ResultPaused }

// Pipeline is one pipeline of a Status.
type Pipeline struct {
	Name   string  `json:"name"`
	Queues []Queue `json:"change_queues"`
}

// Queue is one change queue; each head has the items behind it in order.
type Queue struct {
	Name   string   `json:"name"`
	Branch *string  `json:"branch"`
	Window int      `json:"window"`
	Heads  [][]Item `json:"heads"`
}

// Item is one item of a queue.
type Item struct {
	ID          string   `json:"id"`
	Active      bool     `json:"active"`
	Live        bool     `json:"live"`
	ItemAhead   *string  `json:"item_ahead"`
	Failing     []string `json:"failing_reasons"`
	EnqueueTime int64    `json:"enqueue_time"` // milliseconds
	Remaining   *int64   `json:"remaining_time"`
	Refs        []struct {
		ID      *string `json:"id"`
		Ref     string  `json:"ref"`
		Project string  `json:"project"`
		Owner   *string `json:"owner"`
	} `json:"refs"`
	Jobs []Job `json:"jobs"`
}

// Job is one job of an item.
type Job struct {
	Name      string   `json:"name"`
	Result    *string  `json:"result"`
	UUID      *string  `json:"uuid"`
	Voting    bool     `json:"voting"`
	Queued    bool     `json:"queued"`
	Waiting   *string  `json:"waiting_status"`
	StartTime *float64 `json:"start_time"`
	Elapsed   *int64   `json:"elapsed_time"` // milliseconds
	Tries     int      `json:"tries"`
}
