package main

import (
	"fmt"
	"io"
	"net/url"
	"strconv"

	"github.com/gozer-ci/gozer/internal/client"
)

// historyFlags are filters of lists.
type historyFlags struct {
	tenantFlag
	Project  []string `help:"Of these projects; * stands for anything." placeholder:"NAME"`
	Pipeline []string `help:"Of these pipelines." placeholder:"NAME"`
	Branch   []string `help:"Of these branches." placeholder:"NAME"`
	Change   []string `help:"Of these changes." placeholder:"NUMBER"`
	Result   []string `help:"With these results, such as FAILURE." placeholder:"RESULT"`
	Limit    int      `help:"At most so many." default:"50" placeholder:"N"`
	Skip     int      `help:"Leave out the newest." default:"0" placeholder:"N"`
}

func (f historyFlags) query() url.Values {
	q := url.Values{"limit": {strconv.Itoa(f.Limit)}, "skip": {strconv.Itoa(f.Skip)}}
	set(q, "project", f.Project...)
	set(q, "pipeline", f.Pipeline...)
	set(q, "branch", f.Branch...)
	set(q, "change", f.Change...)
	set(q, "result", f.Result...)
	return q
}

type buildsCmd struct {
	historyFlags
	Job    []string `help:"Of these jobs." placeholder:"NAME"`
	Voting string   `help:"true or false." enum:"true,false," default:"" placeholder:"BOOL"`
}

// Help implements kong's detailed help.
func (buildsCmd) Help() string {
	return "Examples:\n  gozer builds --limit 10\n  gozer builds --job unit --result FAILURE --output json"
}

// Run lists builds.
func (b *buildsCmd) Run(e *env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := b.pick(e, c)
	if err != nil {
		return err
	}
	q := b.query()
	set(q, "job_name", b.Job...)
	set(q, "voting", b.Voting)
	doc, err := c.Get(e.ctx, "/api"+client.Path("tenant", tenant, "builds"), q)
	if err != nil {
		return err
	}
	return show(e, doc, func(w io.Writer, list []client.Build) {
		rows := [][]string{{"BUILD", "JOB", "RESULT", "PIPELINE", "TESTED", "PROJECT", "STARTED", "TOOK"}}
		for _, b := range list {
			rows = append(rows, []string{
				b.UUID, b.JobName, result(b.Result), b.Pipeline, tested(b.Ref), b.Ref.Project, deref(b.StartTime), took(b.Duration),
			})
		}
		table(w, rows)
	})
}

// result names that of something that may still run.
func result(r *string) string {
	if r == nil || *r == "" {
		return "running"
	}
	return *r
}

func took(d *float64) string {
	if d == nil {
		return "-"
	}
	return seconds(*d)
}

func tested(r client.Ref) string {
	if r.Change != 0 {
		return fmt.Sprintf("%d,%v", r.Change, r.Patchset)
	}
	return r.Ref
}
