package web

import (
	"net/url"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// buildTimeDoc is what a statistic wants to know of a build.
type buildTimeDoc struct {
	ID        uint64                 `json:"_id"`
	UUID      scheduler.BuildID      `json:"uuid"`
	JobName   scheduler.JobName      `json:"job_name"`
	Result    *string                `json:"result"`
	StartTime *string                `json:"start_time"`
	EndTime   *string                `json:"end_time"`
	Duration  *seconds               `json:"duration"`
	Final     *bool                  `json:"final"`
	Project   string                 `json:"project"`
	Branch    *string                `json:"branch"`
	Pipeline  scheduler.PipelineName `json:"pipeline"`
	Ref       string                 `json:"ref"`
}

// getBuildTimes lists how long completed builds took.
func (s *Server) getBuildTimes(c *call) error {
	q := c.URL.Query()
	from, err := instant(q, "start_time")
	if err != nil {
		return err
	}
	to, err := instant(q, "end_time")
	if err != nil {
		return err
	}
	f := BuildTimesFilter{
		Projects: q["project"], Pipelines: q["pipeline"], Branches: q["branch"], Refs: q["ref"], Jobs: q["job_name"],
		ExcludeResults: results(q, "exclude_result"), Final: choice(q, "final"),
		EndedFrom: from, EndedTo: to, Limit: number(q, "limit", 50), Skip: number(q, "skip", 0),
	}
	list := []buildTimeDoc{}
	if f.Limit == 0 { // the port takes 0 for its default
		return c.json(list)
	}
	builds, err := s.deps.History.BuildTimes(c.Context(), c.tenant, f)
	if err != nil {
		return err
	}
	for _, b := range builds {
		list = append(list, buildTimeDoc{
			ID: b.ID, UUID: b.UUID, JobName: b.Job, Result: orNull(b.Result),
			StartTime: stamp(b.StartedAt), EndTime: stamp(b.EndedAt), Duration: duration(b), Final: b.Final,
			Project: b.Ref.Name, Branch: orNull(b.Ref.Branch), Pipeline: b.Pipeline, Ref: b.Ref.Ref,
		})
	}
	return c.json(list)
}

// instant reads a time as the API writes it, or with a zone, or a date.
func instant(q url.Values, key string) (time.Time, error) {
	text := q.Get(key)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, invalid("%s is no time: %.60q; write 2026-01-31T12:00:00 (UTC)", key, text)
}
