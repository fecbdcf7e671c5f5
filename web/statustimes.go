package web

import (
	"context"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// fillTimes computes everything that depends on the clock or the history. It
// runs after the live state was let go.
func (s *Server) fillTimes(ctx context.Context, t scheduler.TenantName, doc *statusDoc, now time.Time) {
	estimates := make(map[estimateKey]time.Duration)
	estimate := func(k estimateKey) time.Duration {
		d, known := estimates[k]
		if !known {
			// Without an estimate the document is still right, only poorer.
			d, _, _ = s.deps.History.Estimate(ctx, t, k.project, k.branch, k.job)
			estimates[k] = d
		}
		return d
	}
	for _, p := range doc.Pipelines {
		for _, q := range p.ChangeQueues {
			for _, head := range q.Heads {
				fillHead(head, now.UnixMilli(), estimate)
			}
		}
	}
}

// fillHead also makes the remaining time of items grow from the head on:
// nothing merges before what is ahead of it.
func fillHead(head []*statusItem, now int64, estimate func(estimateKey) time.Duration) {
	var ahead *int64
	for _, item := range head {
		for j := range item.Jobs {
			item.Jobs[j].fillTimes(now, estimate)
		}
		item.RemainingTime = remainingOf(item.Jobs)
		if item.RemainingTime != nil && ahead != nil && *ahead > *item.RemainingTime {
			item.RemainingTime = ahead
		}
		ahead = item.RemainingTime
	}
}

// remainingOf is the largest remaining time of jobs, nil until all started.
func remainingOf(jobs []statusJob) *int64 {
	var largest *int64
	for i := range jobs {
		if jobs[i].ElapsedTime == nil && jobs[i].Result == nil {
			return nil
		}
		if r := jobs[i].RemainingTime; r != nil && (largest == nil || *r > *largest) {
			largest = r
		}
	}
	return largest
}

func (j *statusJob) fillTimes(now int64, estimate func(estimateKey) time.Duration) {
	b := j.build
	if b == nil {
		return
	}
	expected := estimate(b.estimate)
	inSeconds := toSeconds(expected.Seconds())
	j.EstimatedTime = &inSeconds
	if b.start == 0 {
		return
	}
	until := now
	if b.end != 0 {
		until = b.end
	}
	elapsed := max(until-b.start, 0)
	j.ElapsedTime = &elapsed
	switch {
	case b.end != 0:
		none := int64(0)
		j.RemainingTime = &none
	case expected > 0:
		left := max(expected.Milliseconds()-elapsed, 0)
		j.RemainingTime = &left
	}
}
