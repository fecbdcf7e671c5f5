package schedtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// jobVerbs let jobs give things back, pause, and fail before they end.
var jobVerbs = map[string]verbFunc{
	"returns":  (*Scenario).returning,
	"pauses":   func(s *Scenario, a []string) error { s.pausing = append(s.pausing, a...); return nil },
	"announce": (*Scenario).announce,
	"end":      (*Scenario).end,
	"inherits": (*Scenario).inherits,
	"slow":     func(s *Scenario, a []string) error { return s.slow(a, true) },
	"hurry":    func(s *Scenario, a []string) error { return s.slow(a, false) },
}

// returning is what a job gives back on any state that ends with the change.
type returning struct {
	job    string
	change int // 0 is any
	given  scheduler.Returned
}

// returning says what a job gives back: "returns job change what...", where
// change may be * and what is child_jobs=a,b, artifact=name:url, warning=text
// with _ for spaces, data=json or secret=text.
func (s *Scenario) returning(args []string) error {
	r := returning{job: args[0]}
	if args[1] != "*" {
		c, err := s.change(args[1])
		if err != nil {
			return err
		}
		r.change = c.Number
	}
	for _, a := range args[2:] {
		key, value, _ := strings.Cut(a, "=")
		switch key {
		case "child_jobs":
			r.given.ChildJobsGiven = true
			for _, name := range strings.FieldsFunc(value, func(c rune) bool { return c == ',' }) {
				r.given.ChildJobs = append(r.given.ChildJobs, scheduler.JobName(name))
			}
		case "artifact":
			name, url, _ := strings.Cut(value, ":")
			r.given.Artifacts = append(r.given.Artifacts, scheduler.Artifact{Name: name, URL: url})
		case "warning":
			r.given.Warnings = append(r.given.Warnings, strings.ReplaceAll(value, "_", " "))
		case "data":
			r.given.Data = json.RawMessage(value)
		case "secret":
			r.given.SecretData = scheduler.Sealed(value)
		default:
			return fmt.Errorf("a job can't return %q", key)
		}
	}
	s.returned = append(s.returned, r)
	return nil
}

// slow keeps the items of changes from being prepared, or not any more.
func (s *Scenario) slow(names []string, on bool) error {
	err := s.each(names, func(c *scheduler.Change) {
		if s.w.Slow == nil {
			s.w.Slow = map[int]bool{}
		}
		s.w.Slow[c.Number] = on
	})
	s.settle()
	return err
}

func (s *Scenario) returns(b scheduler.StartBuild) *scheduler.Returned {
	own := b.Refs[b.Job.Ref].Number
	for _, r := range slices.Backward(s.returned) {
		if r.job == string(b.Job.Name) && (r.change == 0 || r.change == own) {
			return &r.given
		}
	}
	return nil
}

func (s *Scenario) pauses(b scheduler.StartBuild) bool {
	return slices.Contains(s.pausing, string(b.Job.Name))
}

// running finds the builds of a job that run on a state or for a change.
func (s *Scenario) running(job, items string) ([]*Build, error) {
	s.settle()
	meant := func(b scheduler.StartBuild) bool {
		return string(b.Job.Name) == job && (s.items(b.Refs) == items || s.items(b.Items) == items)
	}
	s.w.take(meant)
	var out []*Build
	for _, b := range s.w.Running {
		if meant(b.StartBuild) {
			out = append(out, b)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no such build runs")
	}
	return out, nil
}

// announce lets running builds say that they will fail: "announce job items".
func (s *Scenario) announce(args []string) error {
	builds, err := s.running(args[0], args[1])
	for _, b := range builds {
		s.w.announce(b)
	}
	s.settle()
	return err
}

// end ends running builds, paused or not, with a result: "end job items
// RESULT". RETRY is none at all.
func (s *Scenario) end(args []string) error {
	builds, err := s.running(args[0], args[1])
	for _, b := range builds {
		b.Result = scheduler.Result(args[2])
		s.w.Running = slices.DeleteFunc(s.w.Running, func(x *Build) bool { return x == b })
		s.w.History = append(s.w.History, b)
		s.w.Do(scheduler.CompletedBuild{Build: b.Build, Executor: "executor", Result: b.Result, Detail: strings.Join(args[3:], " ")})
		s.settle()
	}
	return err
}

// inherits prints what the newest build of a job for a change got from others.
func (s *Scenario) inherits(args []string) error {
	s.settle()
	all := slices.Concat(s.w.History, s.w.Running)
	for _, b := range slices.Backward(all) {
		if string(b.Job.Name) != args[0] || s.items(b.Refs) != args[1] {
			continue
		}
		var out strings.Builder
		if len(b.Inherited.Data) > 0 {
			fmt.Fprintf(&out, "data %s\n", b.Inherited.Data)
		}
		for _, secret := range b.Inherited.Secrets {
			fmt.Fprintf(&out, "secret %s\n", secret)
		}
		for _, a := range b.Inherited.Artifacts {
			fmt.Fprintf(&out, "artifact %s %s of %s", a.Name, a.URL, a.Job)
			if a.Change != 0 {
				fmt.Fprintf(&out, " for %s,%d", s.names[a.Change], a.Patchset)
			}
			fmt.Fprintf(&out, " in %s %s\n", a.Project, a.Branch)
		}
		s.out = strings.ReplaceAll(out.String(), " \n", "\n")
		return nil
	}
	return fmt.Errorf("no such build")
}
