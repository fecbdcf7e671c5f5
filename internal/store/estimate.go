package store

import (
	"context"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// estimateOf is how many builds an estimate is the mean of.
const estimateOf = 10

// estimate holds the durations of the last successful final builds of a job
// on a branch of a project, oldest first.
type estimate struct{ durations []time.Duration }

func estimateKey(p scheduler.ProjectName, branch string, j scheduler.JobName) string {
	return string(p) + "\x00" + branch + "\x00" + string(j)
}

// learn adds a build to its job's estimate.
func (ss *session) learn(b *Build) {
	d, ok := b.Duration()
	if !ok || b.Result != scheduler.ResultSuccess || b.Final == nil || !*b.Final {
		return
	}
	key := estimateKey(b.Ref.Project, b.Ref.Branch, b.Job)
	e := ss.estimates[key]
	if e == nil {
		var err error
		if e, err = decodeEstimate([]byte(key), ss.table[tableEstimates].Get([]byte(key))); err != nil {
			ss.damaged(tableEstimates, []byte(key), err)
			return
		}
		ss.estimates[key] = e
	}
	e.durations = append(e.durations, d)
	if over := len(e.durations) - estimateOf; over > 0 {
		e.durations = e.durations[over:]
	}
}

func (ss *session) writeEstimates() error {
	for _, k := range sortedKeys(ss.estimates) {
		var w writer
		for _, d := range ss.estimates[k].durations {
			w.uint(uint64(d))
		}
		key := []byte(k)
		if err := ss.table[tableEstimates].Put(key, seal(tableEstimates, key, w.b)); err != nil {
			return err
		}
	}
	return nil
}

func decodeEstimate(key, stored []byte) (*estimate, error) {
	if stored == nil {
		return &estimate{}, nil
	}
	p, err := unseal(tableEstimates, key, stored)
	if err != nil {
		return nil, err
	}
	e := &estimate{}
	for r := (reader{rest: p}); len(r.rest) > 0; {
		e.durations = append(e.durations, time.Duration(r.uint()))
		if r.bad {
			return nil, errTornRow
		}
	}
	return e, nil
}

// Estimate returns the mean duration of the last successful final builds, at
// most ten, of a job on a branch of a project; ok is false when there is none.
func (s *Store) Estimate(ctx context.Context, t scheduler.TenantName, p scheduler.ProjectName, branch string, j scheduler.JobName) (mean time.Duration, ok bool, err error) {
	err = s.view(ctx, t, func(v *view) error {
		key := []byte(estimateKey(p, branch, j))
		e, err := decodeEstimate(key, v.table(tableEstimates).Get(key))
		if err != nil {
			return v.damaged(tableEstimates, key, err)
		}
		for _, d := range e.durations {
			mean += d / time.Duration(len(e.durations))
		}
		ok = len(e.durations) > 0
		return nil
	})
	return mean, ok, listError("estimate", err)
}
