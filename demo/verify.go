package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// checkedOut finds in a console which commit of a project a build tested.
var checkedOut = regexp.MustCompile(`Checked out local/(\S+) main \(([0-9a-f]{40})\)`)

// verify compares the branches with what the passing gate builds had in their
// workspaces, and runs the projects' own tests on what merged.
func (s *show) verify(ctx context.Context) error {
	tested, err := s.testedCommits(ctx)
	if err != nil {
		return err
	}
	for _, p := range []string{"temperature", "weather"} {
		landed, err := s.landed(ctx, p)
		if err != nil {
			return err
		}
		for _, commit := range landed {
			if !tested[p+" "+commit] {
				return fmt.Errorf("%s of %s merged, but no passing gate build tested it", commit, p)
			}
		}
		s.say("  %-12s %d merges, each the very commit that passed", p, len(landed))
	}
	return s.testHeads(ctx)
}

// testedCommits returns "project commit" of everything that was in the
// workspaces of gate builds that passed.
func (s *show) testedCommits(ctx context.Context) (map[string]bool, error) {
	var builds []buildDoc
	if err := s.api.call(ctx, "GET", "/api/tenant/demo/builds?pipeline=gate&result=SUCCESS&limit=1000", nil, &builds); err != nil {
		return nil, err
	}
	tested := map[string]bool{}
	for _, b := range builds {
		if b.LogURL == nil {
			continue
		}
		var console string
		if err := s.api.call(ctx, "GET", "/logs/"+b.UUID+"/job-output.txt", nil, &console); err != nil {
			return nil, err
		}
		for _, m := range checkedOut.FindAllStringSubmatch(console, -1) {
			tested[m[1]+" "+m[2]] = true
		}
	}
	return tested, nil
}

// landed lists the commits that the gate put on a branch, newest first.
func (s *show) landed(ctx context.Context, project string) ([]string, error) {
	r := s.clones[project]
	if _, err := r.git(ctx, "fetch", "-q", "origin"); err != nil {
		return nil, err
	}
	out, err := r.git(ctx, "log", "--first-parent", "--format=%H", "main..origin/main")
	if err != nil {
		return nil, err
	}
	if out = strings.TrimSpace(out); out == "" {
		return nil, errors.New("nothing merged into " + project)
	}
	return strings.Split(out, "\n"), nil
}

// testHeads runs both test suites on the merged branches, outside of Gozer.
func (s *show) testHeads(ctx context.Context) error {
	for _, p := range []string{"temperature", "weather"} {
		if _, err := s.clones[p].git(ctx, "checkout", "-q", "-f", "origin/main"); err != nil {
			return err
		}
	}
	for _, p := range []string{"temperature", "weather"} {
		cmd := exec.CommandContext(ctx, "sh", s.path("clones", p, "tests", "run"))
		cmd.Env = append(os.Environ(), "TEMPERATURE="+s.path("clones", "temperature"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("the tests of %s fail on what merged: %w\n%s", p, err, out)
		}
		s.say("  %-12s tests pass on the merged head: %d", p, strings.Count(string(out), "ok "))
	}
	s.say("\033[32mThe gate did its work.\033[0m")
	return nil
}
