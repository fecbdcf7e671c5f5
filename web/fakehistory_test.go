package web_test

import (
	"context"
	"fmt"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// history has one buildset with one build in acme and records the filters.
type history struct {
	asked    []string
	build    web.Build
	buildset web.Buildset
	empty    bool
}

func newHistory() *history {
	yes, no := true, false
	h := &history{}
	h.build = web.Build{
		ID: 9, UUID: doneBuild, Buildset: "00000000000000000000000000000501", Job: "test", Result: "SUCCESS", Held: &no, Final: &yes, Voting: true,
		StartedAt: ago(time.Hour), EndedAt: ago(55 * time.Minute), LogURL: "https://gozer.example.com/logs/b/", Nodeset: "small",
		Provides: []string{"images"}, Artifacts: []scheduler.Artifact{{Name: "image", URL: "https://example.com/i", Metadata: []byte(`{"type": "oci"}`)}, {Name: "docs", URL: "https://example.com/d"}},
		Ref: change(7, "org/app"), Pipeline: "gate", Event: "e1", EventTime: ago(time.Hour),
	}
	h.buildset = web.Buildset{
		ID: 5, UUID: h.build.Buildset, Pipeline: "gate", Result: "SUCCESS", Message: "Build succeeded.",
		Refs: []scheduler.Ref{h.build.Ref}, Event: "e1", EventTime: ago(time.Hour), FirstBuildStart: ago(time.Hour), LastBuildEnd: ago(55 * time.Minute),
	}
	return h
}

func missing(subject any) error {
	return &scheduler.Rejection{Code: "not_found", Message: "there is no such thing", Subject: fmt.Sprint(subject)}
}

func (h *history) Builds(_ context.Context, _ scheduler.TenantName, f web.BuildFilter) ([]web.Build, error) {
	h.asked = append(h.asked, fmt.Sprintf("%+v", f))
	running := h.build
	running.ID, running.UUID, running.Result, running.Held, running.Final = 10, runningBuild, "", nil, nil
	running.EndedAt, running.LogURL = time.Time{}, ""
	return []web.Build{running, h.build}, nil
}

func (h *history) Build(_ context.Context, t scheduler.TenantName, id scheduler.BuildID) (web.Build, error) {
	if t != "acme" || id != doneBuild {
		return web.Build{}, missing(id)
	}
	return h.build, nil
}

func (h *history) Buildsets(_ context.Context, _ scheduler.TenantName, f web.BuildsetFilter) ([]web.Buildset, error) {
	h.asked = append(h.asked, fmt.Sprintf("%+v", f))
	if h.empty {
		return nil, nil
	}
	return []web.Buildset{h.buildset}, nil
}

func (h *history) Buildset(_ context.Context, t scheduler.TenantName, id scheduler.BuildsetID) (web.Buildset, error) {
	if t != "acme" || id != h.buildset.UUID {
		return web.Buildset{}, missing(id)
	}
	set := h.buildset
	set.Builds = []web.Build{h.build}
	set.Events = []web.BuildsetEvent{{Time: ago(time.Hour), Type: "triggered", Description: "Triggered by Change org/app 7,1"}}
	return set, nil
}

func (h *history) BuildTimes(_ context.Context, _ scheduler.TenantName, f web.BuildTimesFilter) ([]web.Build, error) {
	h.asked = append(h.asked, fmt.Sprintf("%+v", f))
	return []web.Build{h.build}, nil
}

func (h *history) Change(_ context.Context, _ scheduler.TenantName, number int) (web.ChangeHistory, error) {
	if number != 7 {
		return web.ChangeHistory{}, nil
	}
	return web.ChangeHistory{
		Items: []web.HistoryItem{{
			UUID: "i7", Pipeline: "gate", Refs: h.buildset.Refs, Cause: "alice approved it", EnqueuedAt: ago(time.Hour), DequeuedAt: ago(50 * time.Minute),
			Result: "SUCCESS", Resets: 1, Decisions: []web.Decision{{Seq: 3, Time: ago(time.Hour), Kind: "enqueued", Text: "enqueued into gate"}},
		}},
		Buildsets: []web.Buildset{h.buildset},
		Refusals:  []web.Decision{{Seq: 2, Time: ago(time.Hour), Kind: "refused", Text: "Code-Review is missing"}},
	}, nil
}

func (h *history) SystemEvents(_ context.Context, _ scheduler.TenantName, f web.SystemEventFilter) ([]web.SystemEvent, error) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	out := []web.SystemEvent{}
	for _, e := range []web.SystemEvent{
		{Seq: 9, Number: 1, Time: at, Type: "state", Description: "alice paused results: the log server is away"},
		{Seq: 7, Time: at, Type: "reconfigure", Description: "The configuration is to be loaded again"},
	} {
		if f.Type == "" || f.Type == e.Type {
			out = append(out, e)
		}
	}
	return out[min(f.Skip, len(out)):min(f.Skip+f.Limit, len(out))], nil
}

func (h *history) Estimate(_ context.Context, _ scheduler.TenantName, _ scheduler.ProjectName, _ string, j scheduler.JobName) (time.Duration, bool, error) {
	if j == "test" {
		return 90 * time.Second, true, nil
	}
	return 0, false, nil
}

// review has change 7.
type review struct{ change web.ReviewChange }

func newReview() *review {
	return &review{web.ReviewChange{
		Number: 7, Project: "org/app", Branch: "main", Subject: "Add a door", Message: "Add a door\n\nChange-Id: I1\n", ChangeID: "I1",
		Owner: "alice", Status: "open", URL: "https://gozer.example.com/change/7", Created: ago(time.Hour), Updated: ago(time.Hour),
		Patchsets: []web.ReviewPatchset{{Number: 1, Commit: "c0ffee", Ref: "refs/changes/07/7/1", Uploader: "alice", Created: ago(time.Hour)}},
		Votes:     []web.ReviewVote{{Label: "Code-Review", Value: 1, User: "bob"}},
		Comments:  []web.ReviewComment{{Author: "bob", Message: "Nice.", Patchset: 1, Created: ago(time.Hour)}},
		DependsOn: []int{6}, Missing: []string{"Workflow"},
	}}
}

func (r *review) Projects(context.Context) ([]web.ReviewProject, error) {
	return []web.ReviewProject{{Name: "org/app", DefaultBranch: "main", CloneURL: "https://gozer.example.com/git/org/app", Created: ago(time.Hour)}}, nil
}

func (r *review) Changes(_ context.Context, f web.ChangeFilter) ([]web.ReviewChange, error) {
	if f.Status == "merged" {
		return nil, nil
	}
	return []web.ReviewChange{r.change}, nil
}

func (r *review) Change(_ context.Context, number int) (web.ReviewChange, error) {
	if number != 7 {
		return web.ReviewChange{}, missing(number)
	}
	return r.change, nil
}

func (r *review) Diff(context.Context, int, int) ([]byte, error) {
	return []byte("diff --git a/x b/x\n"), nil
}

func (r *review) CreateProject(_ context.Context, _, name, branch string) (web.ReviewProject, error) {
	return web.ReviewProject{Name: name, DefaultBranch: "main" + branch, CloneURL: "https://gozer.example.com/git/" + name, Created: start}, nil
}

func (r *review) Vote(_ context.Context, actor string, _ int, v web.ReviewVote) error {
	r.change.Votes = append(r.change.Votes, web.ReviewVote{Label: v.Label, Value: v.Value, User: actor})
	return nil
}

func (r *review) Approve(ctx context.Context, actor string, number int, _ string) error {
	return r.Vote(ctx, actor, number, web.ReviewVote{Label: "Code-Review", Value: 2})
}

func (r *review) Comment(_ context.Context, actor string, _ int, message string) error {
	r.change.Comments = append(r.change.Comments, web.ReviewComment{Author: actor, Message: message, Patchset: 1, Created: start})
	return nil
}

func (r *review) Abandon(context.Context, string, int, string) error {
	if r.change.Status != "open" {
		return &scheduler.Rejection{Code: "conflict", Message: "change is not open", Subject: "7"}
	}
	r.change.Status = "abandoned"
	return nil
}

func (r *review) Restore(context.Context, string, int, string) error {
	r.change.Status = "open"
	return nil
}
