package preparer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/merger"
	"github.com/gozer-ci/gozer/internal/preparer"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/internal/source/local"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/tenants"
)

// files are contents by path.
type files map[string]string

// room is a local source with real repositories, and a preparer of a tenant.
type room struct {
	t       *testing.T
	source  *local.Source
	merger  *counting
	tenant  *tenants.Tenant
	p       *preparer.Preparer
	clones  map[string]string
	url     string
	request uint64
	commits int
	layout  scheduler.Hash
}

// counting counts how often configuration is read.
type counting struct {
	*merger.Merger
	reads int
}

func (c *counting) ReadFiles(ctx context.Context, p scheduler.ProjectName, commit string, match func(string) bool) ([]merger.File, error) {
	c.reads++
	return c.Merger.ReadFiles(ctx, p, commit, match)
}

type anyone struct{}

func (anyone) Authenticate(string) (local.User, bool) {
	return local.User{Name: "rosa", Admin: true}, true
}

// acme is the tenant file of most tests.
const acme = `- tenant:
    name: acme
    source:
      local:
        config-projects: [config]
        untrusted-projects: [app, lib]
`

// pipelines are what the config-project defines in most tests.
const pipelines = `- pipeline:
    name: gate
    manager: dependent
    trigger: {local: [{event: comment-added}]}
- pipeline:
    name: post
    manager: independent
    trigger: {local: [{event: ref-updated}]}
- job: {name: base, parent: null, pre-run: pre.sh}
`

// runs is the configuration of a project that runs jobs of its own.
func runs(jobs ...string) string {
	text := ""
	for _, j := range jobs {
		text += "- job: {name: " + j + ", run: test.sh}\n"
	}
	list := strings.Join(jobs, ", ")
	return text + "- project:\n    gate: {jobs: [" + list + "]}\n    post: {jobs: [" + list + "]}\n"
}

func newRoom(t *testing.T, tenantFile string) *room {
	t.Helper()
	pool := git.NewPool(git.PoolConfig{})
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	src, err := local.Open(t.Context(), local.Config{
		Connection: "local", Dir: t.TempDir(), PublicURL: server.URL, Auth: anyone{}, Git: pool,
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	handler = src.Handler()
	t.Cleanup(func() {
		server.Close()
		if err := errors.Join(src.Close(), pool.Close()); err != nil {
			t.Error(err)
		}
	})
	list, problems := tenants.ParseTenants("tenants.yaml", []byte(tenantFile), tenants.Connections{"local": {Driver: "local"}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r := &room{t: t, source: src, tenant: list[0], clones: map[string]string{}, url: server.URL}
	r.merger = &counting{Merger: merger.New(source.Set{src}, pool)}
	r.restart()
	return r
}

// restart forgets what the preparer remembers.
func (r *room) restart() {
	r.p = preparer.New(preparer.Config{Tenant: r.tenant, Merger: r.merger, Logger: slog.New(slog.NewTextHandler(r.t.Output(), nil))})
}

// git runs git in the clone of a project.
func (r *room) git(project string, args ...string) string {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "git", args...)
	cmd.Dir = r.clones[project]
	cmd.Env = append(git.Environ(), "GIT_AUTHOR_NAME=rosa", "GIT_AUTHOR_EMAIL=r@example.com", "GIT_COMMITTER_NAME=rosa", "GIT_COMMITTER_EMAIL=r@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// found makes a project with one commit on a branch.
func (r *room) found(project, branch string, content files) string {
	r.t.Helper()
	if _, err := r.source.CreateProject(r.t.Context(), project, branch); err != nil {
		r.t.Fatal(err)
	}
	r.clones[project] = r.t.TempDir()
	r.git(project, "init", "-q", "-b", "work")
	r.git(project, "remote", "add", "origin", strings.Replace(r.url, "://", "://rosa:token@", 1)+"/"+project)
	r.git(project, "remote", "add", "bare", r.bare(project))
	return r.branch(project, branch, content)
}

func (r *room) bare(project string) string {
	r.t.Helper()
	dir, err := r.source.Repository(r.t.Context(), project)
	if err != nil {
		r.t.Fatal(err)
	}
	return dir
}

// commit records files on top of what is checked out.
func (r *room) commit(project string, content files) string {
	r.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(content)) {
		path := filepath.Join(r.clones[project], name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content[name]), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	r.git(project, "add", "-A")
	r.commits++ // the same subject would continue a change
	r.git(project, "commit", "-q", "--allow-empty", "-m", fmt.Sprintf("Commit %d", r.commits))
	return r.git(project, "rev-parse", "HEAD")
}

// branch moves a branch to a new commit, past the review.
func (r *room) branch(project, branch string, content files) string {
	r.t.Helper()
	commit := r.commit(project, content)
	r.git(project, "push", "-q", "-f", "bare", "HEAD:refs/heads/"+branch)
	return commit
}

var announced = regexp.MustCompile(`change (\d+), patchset`)

// change proposes files on top of a branch through the review.
func (r *room) change(project, branch string, content files) scheduler.Ref {
	r.t.Helper()
	r.git(project, "fetch", "-q", "bare", branch)
	r.git(project, "checkout", "-q", "-f", "--detach", "FETCH_HEAD")
	r.commit(project, content)
	out := r.git(project, "push", "origin", "HEAD:refs/for/"+branch)
	m := announced.FindStringSubmatch(out)
	if m == nil {
		r.t.Fatalf("git push named no change:\n%s", out)
	}
	number, err := strconv.Atoi(m[1])
	if err != nil {
		r.t.Fatal(err)
	}
	facts, err := r.source.Closure(r.t.Context(), project, number)
	if err != nil {
		r.t.Fatal(err)
	}
	return facts[0].Ref
}

// load loads the tenant's configuration.
func (r *room) load() scheduler.LoadedLayout {
	r.t.Helper()
	r.request++
	out, err := r.p.Load(r.t.Context(), scheduler.LoadLayout{Request: r.request, Reason: "test"})
	if err != nil {
		r.t.Fatal(err)
	}
	if out.Request != r.request || out.Layout == nil {
		r.t.Fatalf("answer %+v to request %d", out, r.request)
	}
	r.layout = out.Layout.Hash
	return out
}

// gate prepares refs for the gate behind a state.
func (r *room) gate(base []scheduler.RepoCommit, refs ...scheduler.Ref) scheduler.PreparedItem {
	r.t.Helper()
	return r.prepare(scheduler.PrepareItem{Pipeline: "gate", Live: true, Base: base, Refs: refs})
}

func (r *room) prepare(e scheduler.PrepareItem) scheduler.PreparedItem {
	r.t.Helper()
	e.Tenant, e.Item, e.Buildset, e.Layout = "acme", "item", "buildset", r.layout
	out, err := r.p.Prepare(r.t.Context(), e)
	if err != nil {
		r.t.Fatal(err)
	}
	if out.Item != "item" || out.Buildset != "buildset" {
		r.t.Errorf("the answer is for %s, %s", out.Item, out.Buildset)
	}
	return out
}

// jobs are the names of an item's jobs.
func jobs(p scheduler.PreparedItem) string {
	if p.Graph == nil {
		return ""
	}
	names := make([]string, len(p.Graph.Jobs))
	for i, j := range p.Graph.Jobs {
		names[i] = string(j.Name)
	}
	return strings.Join(names, " ")
}

// wantJobs holds an item to jobs and to nothing in their way.
func wantJobs(t *testing.T, p scheduler.PreparedItem, want string) {
	t.Helper()
	if p.Conflict || len(p.ConfigErrors) > 0 || !p.InPipeline || jobs(p) != want {
		t.Errorf("jobs %q, want %q: %+v", jobs(p), want, p)
	}
}

// problems are the diagnostics of the newest layout.
func (r *room) problems() string { return r.p.Layout().Problems().String() }

func (r *room) hasJob(name scheduler.JobName) bool { return slices.Contains(r.p.Layout().Jobs(), name) }

// entry is the part of a state for a branch of a project.
func entry(state []scheduler.RepoCommit, project, branch string) scheduler.RepoCommit {
	for _, c := range state {
		if c.Project == scheduler.ProjectName("local/"+project) && c.Branch == branch {
			return c
		}
	}
	return scheduler.RepoCommit{}
}
