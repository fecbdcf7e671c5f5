package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/internal/source/local"
	"github.com/gozer-ci/gozer/scheduler"
)

// findOpenChanges answers which changes of the projects are open, with the
// facts about them. A source that can't list its changes has none to tell.
func (a *App) findOpenChanges(ctx context.Context, t *tenant, f scheduler.FindOpenChanges) {
	answer := scheduler.FoundOpenChanges{Report: f.Report}
	err := persist(ctx, a.log, "list open changes of "+string(t.name), 0, func(ctx context.Context) error {
		answer.Open, answer.Changes = nil, nil
		for _, p := range f.Projects {
			if err := a.openChanges(ctx, p, &answer); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		t.submit(answer)
	}
}

// openChanges adds those of one project, oldest first.
func (a *App) openChanges(ctx context.Context, p scheduler.ProjectName, answer *scheduler.FoundOpenChanges) error {
	src, name, ok := a.sources.Find(p)
	if !ok {
		return nil
	}
	lister, ok := src.(interface {
		Changes(local.Filter) ([]local.Change, error)
	})
	if !ok {
		return nil
	}
	var numbers []int
	for before := 0; ; before = numbers[len(numbers)-1] {
		page, err := lister.Changes(local.Filter{Project: name, Status: local.StatusOpen, Before: before})
		if err != nil {
			return fmt.Errorf("list changes of %s: %w", p, err)
		}
		for _, c := range page {
			numbers = append(numbers, c.Number)
		}
		if len(page) == 0 {
			break
		}
	}
	for _, n := range slices.Backward(numbers) {
		facts, err := src.Closure(ctx, name, n)
		if refusal := (*source.Error)(nil); errors.As(err, &refusal) {
			continue // it was closed a moment ago
		}
		if err != nil {
			return err
		}
		answer.Open = append(answer.Open, facts[0].Key())
		for _, c := range facts {
			if !slices.ContainsFunc(answer.Changes, func(x scheduler.Change) bool { return x.Key() == c.Key() }) {
				answer.Changes = append(answer.Changes, c)
			}
		}
	}
	return nil
}
