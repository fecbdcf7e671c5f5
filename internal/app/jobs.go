package app

import (
	"context"
	"slices"

	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

// resumeBuild lets a paused build go on. When the message is lost the executor
// finds out by itself; see resumed.
func (a *App) resumeBuild(ctx context.Context, f scheduler.ResumeBuild) {
	if err := a.bus.PublishResume(ctx, buildWork, string(f.Build)); err != nil && ctx.Err() == nil {
		a.log.Warn("build not resumed", "build", f.Build, "err", err)
	}
}

// resumed reports whether a paused build may go on: it was let, or nobody waits
// for it any more and its cancellation was lost.
func (a *App) resumed(t scheduler.TenantName, id scheduler.BuildID) bool {
	head, err := a.eventlog.Head(context.Background(), t)
	if err != nil {
		return false
	}
	may := false
	err = a.replica.View(t, func(s *scheduler.State, seq uint64) {
		b := s.Build(id)
		may = seq >= head.Seq && (b == nil || !b.ResumedAt.IsZero())
	})
	return err == nil && may
}

// found is how many builds of a change are looked through: far more than a
// pipeline has jobs.
const found = 1000

// findArtifacts answers from the history. It waits until the history has all
// that was decided before the question.
func (a *App) findArtifacts(ctx context.Context, t *tenant, f scheduler.FindArtifacts) {
	answer := scheduler.FoundArtifacts{Item: f.Item, Buildset: f.Buildset, Of: f.Of, Names: f.Names}
	err := persist(ctx, a.log, "find artifacts of "+string(t.name), 0, func(ctx context.Context) error {
		head, err := a.eventlog.Head(ctx, t.name)
		if err != nil {
			return err
		}
		if err := a.replica.WaitFor(ctx, t.name, head.Seq); err != nil {
			return err
		}
		answer.Builds, err = a.provided(ctx, f)
		return err
	})
	if err == nil {
		t.submit(answer)
	}
}

// provided lists the builds that provide something of what is asked for: of
// the first change that has any, those of the newest buildset (Zuul semantics,
// section 12).
func (a *App) provided(ctx context.Context, f scheduler.FindArtifacts) ([]scheduler.ProvidedBuild, error) {
	for _, r := range f.Refs {
		if !r.IsChange() {
			continue
		}
		final := true
		list, err := a.store.Builds(ctx, f.Tenant, store.BuildFilter{
			Changes: []int{r.Number}, Patchsets: []int{r.Patchset}, Pipelines: []string{string(f.Pipeline)},
			Final: &final, Page: store.Page{Limit: found},
		})
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(b store.Build) bool {
			return b.Ref.Project != r.Project || !slices.ContainsFunc(b.Provides, func(name string) bool { return slices.Contains(f.Names, name) })
		})
		if len(list) == 0 {
			continue
		}
		var out []scheduler.ProvidedBuild
		for _, b := range slices.Backward(list) { // oldest first
			if b.Buildset == list[0].Buildset {
				out = append(out, scheduler.ProvidedBuild{
					Build: b.UUID, Job: b.Job, Ref: b.Ref, Result: b.Result, Provides: b.Provides, Artifacts: b.Artifacts,
				})
			}
		}
		return out, nil
	}
	return nil, nil
}
