package app

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// oneRepository is a source whose projects all share one repository.
type oneRepository struct {
	source.Source
	dir string
}

func (o oneRepository) CanonicalHost() string { return "hub" }

func (o oneRepository) Repository(context.Context, string) (string, error) { return o.dir, nil }

// commitsOf makes commits that change one file each and returns their names.
func commitsOf(t *testing.T, dir string, paths ...string) map[string]string {
	t.Helper()
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		cmd.Env = append(git.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("init", "-q")
	commits := map[string]string{}
	for _, path := range paths {
		file := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(path), 0o600); err != nil {
			t.Fatal(err)
		}
		run("add", "-A")
		run("commit", "-q", "-m", path)
		commits[path] = run("rev-parse", "HEAD")
	}
	return commits
}

const concerned = `- tenant:
    name: acme
    source:
      hub:
        config-projects: [config]
        untrusted-projects:
          - plain
          - none: {include: []}
          - choosy: {include-branches: [main, next], always-dynamic-branches: [next]}
          - further: {exclude-branches: [private/.*], extra-config-paths: [ci/extra.yaml, ci/more/]}
`

func TestEventsThatConcernTheConfiguration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	commits := commitsOf(t, dir, "first", "README", "ci/extra.yaml", "ci/other.yaml", "ci/more/deep/x.yaml")
	pool := git.NewPool(git.PoolConfig{})
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	a := &App{git: pool, sources: source.Set{oneRepository{dir: filepath.Join(dir, ".git")}}}
	list, problems := tenants.ParseTenants("tenants.yaml", []byte(concerned), tenants.Connections{"hub": {Driver: "local"}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for name, c := range map[string]struct {
		project, branch, happened string
		old, now                  string // paths that name commits
		unread, changed           bool
	}{
		"branch of a plain project made":         {project: "plain", branch: "x", happened: "created"},
		"branch of a plain project deleted":      {project: "plain", branch: "x", happened: "deleted"},
		"plain update":                           {project: "plain", branch: "main", happened: "updated"},
		"update with configuration":              {project: "plain", branch: "main", happened: "configured", changed: true},
		"nothing is loaded":                      {project: "none", branch: "main", happened: "configured", unread: true, changed: true},
		"read branch of a config-project":        {project: "config", branch: "main", happened: "configured", changed: true},
		"other branch of a config-project":       {project: "config", branch: "x", happened: "created", unread: true},
		"included branch":                        {project: "choosy", branch: "main", happened: "created"},
		"branch that is not included":            {project: "choosy", branch: "x", happened: "created", unread: true},
		"branch that is not included deleted":    {project: "choosy", branch: "x", happened: "deleted", unread: true},
		"update of an always dynamic branch":     {project: "choosy", branch: "next", happened: "updated", changed: true},
		"always dynamic branch deleted":          {project: "choosy", branch: "next", happened: "deleted", unread: true},
		"excluded branch":                        {project: "further", branch: "private/x", happened: "configured", unread: true, changed: true},
		"update beside the further paths":        {project: "further", branch: "main", happened: "updated", old: "first", now: "README"},
		"update of a further file":               {project: "further", branch: "main", happened: "updated", old: "README", now: "ci/extra.yaml", changed: true},
		"update near a further file":             {project: "further", branch: "main", happened: "updated", old: "ci/extra.yaml", now: "ci/other.yaml"},
		"update in a further directory":          {project: "further", branch: "main", happened: "updated", old: "ci/other.yaml", now: "ci/more/deep/x.yaml", changed: true},
		"update between commits that nobody has": {project: "further", branch: "main", happened: "updated", old: "gone", now: "README", changed: true},
		"update without commits":                 {project: "further", branch: "main", happened: "updated", changed: true},
		"tag":                                    {project: "choosy", happened: "created"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := scheduler.TriggerEvent{Ref: scheduler.Ref{Branch: c.branch, OldRev: commits[c.old], NewRev: commits[c.now]}}
			if c.old == "gone" {
				e.Ref.OldRev = strings.Repeat("1", 40)
			}
			e.BranchCreated, e.BranchDeleted = c.happened == "created", c.happened == "deleted"
			e.BranchUpdated, e.ConfigChanged = c.happened == "updated" || c.happened == "configured", c.happened == "configured"
			got := a.concerning(t.Context(), list[0].Project(c.project), e)
			if got.Unread != c.unread || got.ConfigChanged != c.changed {
				t.Errorf("unread %t, changed %t", got.Unread, got.ConfigChanged)
			}
		})
	}
}
