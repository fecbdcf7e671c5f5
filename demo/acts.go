package demo

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// push makes the projects and fills them, configuration first.
func (s *show) push(ctx context.Context) error {
	token, err := s.token("ada", true)
	if err != nil {
		return err
	}
	for _, p := range projects {
		if err := s.api.call(ctx, "POST", "/api/connection/local/projects", map[string]string{"name": p}, nil); err != nil {
			return err
		}
		r, err := newRepo(ctx, s.path("clones", p), "ada", fmt.Sprintf("http://ada:%s@%s/git/%s", token, s.Listen, p))
		if err != nil {
			return err
		}
		s.clones[p] = r
		if err := r.overlay("files/" + p); err != nil {
			return err
		}
		if err := r.commit(ctx, "First version"); err != nil {
			return err
		}
		if _, err := r.git(ctx, "push", "-q", "origin", "main"); err != nil {
			return err
		}
		s.say("  git push origin main        %s", p)
	}
	return s.configured(ctx)
}

// configured waits until the tenant has the pipelines that were pushed.
func (s *show) configured(ctx context.Context) error {
	wait, cancel := context.WithTimeoutCause(ctx, startLimit, errors.New("the configuration was not loaded"))
	defer cancel()
	return await(wait, 50*time.Millisecond, func(ctx context.Context) (bool, error) {
		var jobs []struct {
			Name string `json:"name"`
		}
		if err := s.api.call(ctx, "GET", "/api/tenant/demo/jobs", nil, &jobs); err != nil {
			return false, nil // the first configuration is still being loaded
		}
		names := ""
		for _, j := range jobs {
			names += " " + j.Name
		}
		return strings.Contains(names, "temperature-test") && strings.Contains(names, "weather-test"), nil
	})
}

// numberPrinted finds the change's number in what git push printed.
var numberPrinted = regexp.MustCompile(`change (\d+)`)

// review pushes the story's changes, each from the branch as it is.
func (s *show) review(ctx context.Context) error {
	for i, c := range story {
		r := s.clones[c.project]
		if _, err := r.git(ctx, "checkout", "-q", "-B", c.dir, "main"); err != nil {
			return err
		}
		if err := r.overlay("changes/" + c.dir); err != nil {
			return err
		}
		message := c.subject
		if c.needs >= 0 {
			message += fmt.Sprintf("\n\nDepends-On: %s/change/%d", s.url, s.numbers[c.needs])
		}
		if err := r.commit(ctx, message); err != nil {
			return err
		}
		out, err := r.git(ctx, "push", "origin", "HEAD:refs/for/main")
		if err != nil {
			return err
		}
		m := numberPrinted.FindStringSubmatch(out)
		if m == nil {
			return fmt.Errorf("git push named no change:\n%s", out)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return err
		}
		s.numbers = append(s.numbers, n)
		s.say("  change %d  %-12s %s (%s)", n, c.project, story[i].subject, c.about)
	}
	return s.checked(ctx)
}

// checked waits for the verdict of the check pipeline on every change.
func (s *show) checked(ctx context.Context) error {
	wait, cancel := context.WithTimeoutCause(ctx, gateLimit, errors.New("check did not finish"))
	defer cancel()
	return await(wait, 150*time.Millisecond, func(ctx context.Context) (bool, error) {
		if err := s.narrate(ctx, "check"); err != nil {
			return false, err
		}
		for _, n := range s.numbers {
			c, err := s.change(ctx, n)
			if err != nil || c.verified() == 0 || !s.left[passage{"check", n}] {
				return false, err
			}
		}
		return true, nil
	})
}

func (s *show) change(ctx context.Context, n int) (c changeDoc, err error) {
	err = s.api.call(ctx, "GET", fmt.Sprintf("/api/connection/local/changes/%d", n), nil, &c)
	return c, err
}

// verified is the vote of the pipelines.
func (c changeDoc) verified() int {
	for _, v := range c.Votes {
		if v.Label == "Verified" {
			return v.Value
		}
	}
	return 0
}

// gate approves all changes and tells what happens until none is left.
func (s *show) gate(ctx context.Context) error {
	for _, n := range s.numbers {
		if err := s.api.call(ctx, "POST", fmt.Sprintf("/api/connection/local/changes/%d/approve", n), map[string]string{}, nil); err != nil {
			return err
		}
	}
	wait, cancel := context.WithTimeoutCause(ctx, gateLimit, errors.New("the gate did not finish"))
	defer cancel()
	return await(wait, 150*time.Millisecond, func(ctx context.Context) (bool, error) {
		if err := s.narrate(ctx, "gate"); err != nil {
			return false, err
		}
		for i, n := range s.numbers {
			c, err := s.change(ctx, n)
			if err != nil {
				return false, err
			}
			if c.Status != "merged" && c.verified() != -2 || !s.left[passage{"gate", n}] {
				return false, nil
			}
			if merged := c.Status == "merged"; merged != story[i].merges {
				return false, fmt.Errorf("change %d (%s) ended as %s", n, story[i].about, c.Status)
			}
		}
		return true, nil
	})
}

// line is one thing to tell.
type line struct {
	seq  uint64
	text string
}

// passage is the way of a change through a pipeline.
type passage struct {
	pipeline string
	number   int
}

// narrate tells what a pipeline decided since the last time, in order.
func (s *show) narrate(ctx context.Context, pipeline string) error {
	var lines []line
	for i, n := range s.numbers {
		var h historyDoc
		if err := s.api.call(ctx, "GET", fmt.Sprintf("/api/tenant/demo/change/%d/history", n), nil, &h); err != nil {
			return err
		}
		for _, it := range h.Items {
			if it.Pipeline != pipeline {
				continue
			}
			for k, d := range it.Decisions {
				key := fmt.Sprint(it.ID, "/", k)
				if s.seen[key] {
					continue
				}
				s.seen[key] = true
				s.left[passage{pipeline, n}] = d.Kind == "dequeued"
				if !quiet(d.Kind, d.Text) {
					lines = append(lines, line{d.Seq, fmt.Sprintf("  %s %d %-12s %s", pipeline, n, story[i].project, paint(d.Kind, d.Text))})
				}
			}
		}
	}
	sort.SliceStable(lines, func(i, j int) bool { return lines[i].seq < lines[j].seq })
	for _, l := range lines {
		s.say("%s", l.text)
	}
	return nil
}

// quiet tells which decisions the story does without: what was prepared, and
// what another line says as well.
func quiet(kind, text string) bool {
	return kind == "prepared" || kind == "reported" || kind == "dequeued" && strings.HasSuffix(text, ": merged")
}

// paint colours what kinds of decisions deserve attention.
func paint(kind, text string) string {
	colour := map[string]string{"merged": "32", "failing": "31", "refused": "31", "merge-failed": "31", "reset": "33", "moved": "33"}[kind]
	text, _, _ = strings.Cut(text, "\n")
	if colour == "" && strings.HasSuffix(text, ": passed") {
		colour = "32"
	}
	if colour == "" {
		return text
	}
	return "\033[" + colour + "m" + text + "\033[0m"
}
