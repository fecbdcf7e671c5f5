package executor_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/scheduler"
)

const (
	lib    = scheduler.ProjectName("local/org/lib")
	config = scheduler.ProjectName("local/config")
)

// TestWorkspaceHoldsTheSpeculativeState runs a job that looks at its
// repositories: one with a change, one that is required, one with playbooks.
func TestWorkspaceHoldsTheSpeculativeState(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tip := b.project(own, map[string]string{"file": "merged\n", "link": "x"})
	dir := filepath.Dir(b.repos[own])
	run(t, dir, "git", "tag", "v1")
	run(t, dir, "git", "checkout", "-q", "--detach")
	spec := b.commit(own, map[string]string{"file": "speculative\n"})
	run(t, dir, "git", "update-ref", "refs/gozer/b5", spec)
	run(t, dir, "git", "update-ref", "refs/changes/01/1/2", spec)
	run(t, dir, "git", "checkout", "-q", "main")
	b.project(lib, map[string]string{"lib": "main\n"})
	run(t, filepath.Dir(b.repos[lib]), "git", "checkout", "-q", "-b", "stable")
	libStable := b.commit(lib, map[string]string{"lib": "stable\n"})
	b.project(config, map[string]string{"play/run": `#!/bin/bash
set -e
git log -1 --format='%H on %S' HEAD; cat file; git status --porcelain --branch
git branch -a --format='%(refname) %(objectname)'; git tag
git remote -v; git fetch origin 2>&1 || true
git commit -q --allow-empty -m "jobs may commit" && git fsck --no-dangling && git gc -q && echo gc fine
cat ../../config/play/run | head -1; cat ../lib/lib; git -C ../lib branch --show-current
cat $ZUUL_VARS > $ZUUL_LOG_ROOT/vars.json; env | sort > $ZUUL_LOG_ROOT/env.txt
pwd; cat $(dirname $0)/sibling
`, "play/sibling": "beside the playbook\n"})
	job := &scheduler.FrozenJob{
		Name: "unit", Voting: true, Attempts: 3,
		Run:              []scheduler.Playbook{{Project: config, Branch: "main", Path: "play/run", Trusted: true}},
		RequiredProjects: []scheduler.RequiredProject{{Project: lib, OverrideCheckout: "stable"}},
	}
	r := b.request(job, spec)
	if got := b.run(r); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v", got)
	}
	console := b.console(r.Start.Build)
	for _, want := range []string{
		"| " + spec + " on HEAD\n", "| speculative\n", "| ## main\n",
		"| refs/heads/main " + spec + "\n", "| refs/remotes/origin/main " + tip + "\n", "| v1\n",
		"| origin\tfile:///dev/null (fetch)\n", "| fatal: ", "| gc fine\n", "| #!/bin/bash\n", "| stable\n",
		"| /workspace/src/local/org/app\n", "| beside the playbook\n",
		"Checked out local/org/lib stable (" + libStable + ")",
	} {
		if !strings.Contains(console, want) {
			t.Errorf("console lacks %q:\n%s", want, console)
		}
	}
	checkVars(t, []byte(b.log(r.Start.Build, "vars.json")), r, spec)
	env := "\n" + b.log(r.Start.Build, "env.txt")
	for _, want := range []string{
		"ZUUL_PROJECT=org/app", "ZUUL_BRANCH=main", "ZUUL_CHANGE=1", "ZUUL_PATCHSET=2", "ZUUL_PIPELINE=gate", "ZUUL_JOB=unit",
		"ZUUL_TENANT=acme", "ZUUL_BUILD=" + string(r.Start.Build), "ZUUL_SRC_DIR=/workspace/src/local/org/app",
		"ZUUL_VARS=/workspace/zuul.json", "ZUUL_LOG_ROOT=/workspace/logs", "ZUUL_WORK_ROOT=/workspace", "HOME=/workspace/home",
	} {
		if !strings.Contains(env, "\n"+want+"\n") {
			t.Errorf("environment lacks %s:%s", want, env)
		}
	}
	if got := run(t, dir, "git", "rev-parse", "main"); got != tip {
		t.Errorf("the job moved the server's branch to %s", got)
	}
}

func checkVars(t *testing.T, data []byte, r executor.Request, commit string) {
	t.Helper()
	var vars struct{ Zuul map[string]any }
	if err := json.Unmarshal(data, &vars); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	z := vars.Zuul
	own := map[string]any{
		"name": "org/app", "short_name": "app", "canonical_name": "local/org/app", "canonical_hostname": "local",
		"src_dir": "src/local/org/app",
	}
	item := map[string]any{
		"branch": "main", "change": "1", "patchset": "2", "ref": "refs/changes/01/1/2",
		"change_url": "http://gozer.example/change/1", "project": own,
	}
	want := map[string]any{
		"build": string(r.Start.Build), "buildset": "b5", "branch": "main", "change": "1", "patchset": "2",
		"ref": "refs/changes/01/1/2", "pipeline": "gate", "job": "unit", "tenant": "acme", "voting": true,
		"attempts": 1.0, "timeout": 0.0, "change_url": "http://gozer.example/change/1", "items": []any{item},
		"executor": map[string]any{
			"hostname": "executor-1", "src_root": "/workspace/src", "log_root": "/workspace/logs", "work_root": "/workspace",
		},
		"change_message": "change the project\n\nbody",
	}
	for key, value := range want {
		if diff := cmp.Diff(value, z[key]); diff != "" {
			t.Errorf("zuul.%s (-want +got):\n%s", key, diff)
		}
	}
	lib, ok := z["projects"].(map[string]any)["local/org/lib"].(map[string]any)
	if !ok || lib["checkout"] != "stable" || lib["required"] != true || lib["checkout_description"] != "project override ref" {
		t.Errorf("zuul.projects has %v", lib)
	}
	p, ok := z["projects"].(map[string]any)["local/org/app"].(map[string]any)
	if !ok || p["commit"] != commit || p["checkout"] != "main" {
		t.Errorf("zuul.projects has %v", p)
	}
	if got := z["project"].(map[string]any)["checkout"]; got != "main" {
		t.Errorf("zuul.project.checkout is %v", got)
	}
}

// TestTrustedPlaybooksAreNeverSpeculative has a change to both kinds.
func TestTrustedPlaybooksAreNeverSpeculative(t *testing.T) {
	t.Parallel()
	for trusted, want := range map[bool]string{true: "| merged\n", false: "| speculative\n"} {
		b := setup(t)
		r := b.job(map[string]string{"run": "echo merged\n"})
		dir := filepath.Dir(b.repos[own])
		run(t, dir, "git", "checkout", "-q", "--detach")
		r.Start.State[0].Commit = b.commit(own, map[string]string{"run": "echo speculative\n"})
		r.Start.Job.Run[0].Trusted = trusted
		b.run(r)
		if console := b.console(r.Start.Build); !strings.Contains(console, want) {
			t.Errorf("trusted %t: console lacks %q:\n%s", trusted, want, console)
		}
	}
}

// TestJobsCannotChangePlaybooksNorServerRepositories tries both.
func TestJobsCannotChangePlaybooksNorServerRepositories(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.job(map[string]string{
		"pre": `exec 2>&1
chmod +w $0; echo echo evil > $0; rm -f $0
objects=$(cat .git/objects/info/alternates); ls $objects
find $objects -type f | while read f; do chmod 666 $f; echo evil > $f; rm -f $f; done
find .git/objects -type f -links +1; true
`,
		"run": "echo good\n",
	})
	r.Start.Job.Run[0].Path = "run"
	if got := b.run(r); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v", got)
	}
	console := b.console(r.Start.Build)
	if !strings.Contains(console, "| good\n") || !strings.Contains(console, "Read-only file system") || strings.Contains(console, "| evil\n") {
		t.Error(console)
	}
	run(t, filepath.Dir(b.repos[own]), "git", "fsck", "--strict")
}

func TestHostileRepositoriesRunNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	canary := filepath.Join(t.TempDir(), "canary")
	evil := "touch " + canary
	r := b.job(map[string]string{
		"run":                     "ls -la\n",
		".gitattributes":          "* filter=evil diff=evil merge=evil\n",
		".gitconfig":              "[filter \"evil\"]\n\tsmudge = " + evil + "\n[core]\n\tfsmonitor = " + evil + "\n",
		".gitmodules":             "[submodule \"x\"]\n\tpath = x\n\turl = ext::" + evil + "\n\tupdate = !" + evil + "\n",
		".githooks/post-checkout": "#!/bin/sh\n" + evil + "\n",
	})
	hook := filepath.Join(b.repos[own], "hooks", "post-checkout")
	if err := os.MkdirAll(filepath.Dir(hook), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hook, []byte("#!/bin/sh\n"+evil+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got := b.run(r); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v", got)
	}
	if _, err := os.Lstat(canary); err == nil {
		t.Error("a repository ran a command")
	}
}

func TestTroubleWithRepositories(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*bench, *executor.Request)
		want   scheduler.Result
		detail string
	}{
		"repository is not there: again": {
			func(b *bench, _ *executor.Request) { b.repos[own] = "/nonexistent" }, "", "read repository of local/org/app",
		},
		"unknown project: again": {
			func(b *bench, _ *executor.Request) { delete(b.repos, own) }, "", "no project local/org/app",
		},
		"commit is missing: again": {
			func(_ *bench, r *executor.Request) { r.Start.State[0].Commit = strings.Repeat("1", 40) }, "", "check out main",
		},
		"commit is an option": {
			func(_ *bench, r *executor.Request) { r.Start.State[0].Commit = "--upload-pack=x" }, scheduler.ResultError, "bad branch",
		},
		"branch is hostile": {
			func(_ *bench, r *executor.Request) { r.Start.State[0].Branch = "a\nb" }, scheduler.ResultError, "bad branch",
		},
		"project is hostile": {
			func(_ *bench, r *executor.Request) { r.Start.State[0].Project = "../../etc" }, scheduler.ResultError, "can't be a directory",
		},
		"no default branch": {
			func(b *bench, r *executor.Request) {
				run(b.t, "", "git", "--git-dir="+b.repos[own], "symbolic-ref", "HEAD", "refs/heads/absent")
				r.Start.Refs[0].Branch = "gone"
			}, scheduler.ResultError, `no default branch "absent"`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			r := b.job(map[string]string{"run": "exit 0\n"})
			tt.change(b, &r)
			if got := b.run(r); got.Result != tt.want || !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("got %q, %q, want %q, %q", got.Result, got.Detail, tt.want, tt.detail)
			}
		})
	}
}
