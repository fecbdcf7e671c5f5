package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/client"
)

// patience is how long tests wait for what must happen.
const patience = 60 * time.Second

// working makes projects with a job that waits for a file, and change 1 of
// org/app. It returns the file.
func (s *server) working(t *testing.T) (flag string) {
	t.Helper()
	flag = filepath.Join(t.TempDir(), "flag")
	s.ok(t, "project", "create", "org/config")
	s.ok(t, "project", "create", "org/app")
	work := t.TempDir()
	s.git(t, work, "init", "-q", "-b", "main")
	for name, text := range map[string]string{
		"zuul.yaml": `- pipeline: {name: try, manager: independent, trigger: {nats: [{event: try}]}}
- pipeline: {name: post, manager: independent, trigger: {nats: [{event: post}]}}
- job: {name: base, parent: null}
- job: {name: unit, run: unit.sh}
- project: {name: org/app, try: {jobs: [unit]}, post: {jobs: [unit]}}
`,
		"unit.sh": fmt.Sprintf("echo it begins\nwhile [ ! -e %s ]; do sleep 0.05; done\necho it ends\n", flag),
	} {
		if err := os.WriteFile(filepath.Join(work, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.git(t, work, "add", ".")
	s.git(t, work, "commit", "-q", "-m", "Configure")
	s.git(t, work, "push", "-q", strings.Replace(s.url, "://", "://alice:"+s.token+"@", 1)+"/git/org/config", "HEAD:refs/heads/main")
	s.push(t)
	s.ready(t)
	await(t, "the pipelines are there", func() bool { return strings.Contains(s.ok(t, "status", "--output", "json"), `"post"`) })
	return flag
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// decode reads what a command printed with --output json.
func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// output is what a command has written so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// running waits until the newest build runs and returns its identifier.
func (s *server) running(t *testing.T) (uuid string) {
	t.Helper()
	await(t, "a job runs", func() bool {
		doc := decode[struct {
			Pipelines []struct {
				Queues []struct {
					Heads [][]struct{ Jobs []struct{ UUID *string } }
				} `json:"change_queues"`
			}
		}](t, s.ok(t, "status", "-o", "json"))
		for _, p := range doc.Pipelines {
			for _, q := range p.Queues {
				for _, j := range q.Heads[0][0].Jobs {
					uuid = deref(j.UUID)
				}
			}
		}
		return uuid != ""
	})
	await(t, "it prints", func() bool {
		_, out, _ := s.gozer(t, "console", "--no-follow", uuid)
		return strings.Contains(out, "it begins")
	})
	return uuid
}

func TestBuildFromTheCommandLine(t *testing.T) {
	t.Parallel()
	s := serve(t)
	flag := s.working(t)
	wants(t, s.ok(t, "enqueue", "try", "1"), "1 is sent to try; see: gozer status")
	uuid := s.running(t)
	wants(t, s.ok(t, "status"), "try", "org/app 1,1", "unit runs", "active")
	wants(t, s.ok(t, "status", "--pipeline", "post"), "nothing to do")
	s.controlled(t)
	wants(t, s.ok(t, "builds"), uuid, "unit", "running", "1,1")
	wants(t, s.ok(t, "build-info", uuid), uuid, "running")

	// Live: what it prints comes before it ends.
	live, done := &output{}, make(chan int)
	go func() {
		done <- run(t.Context(), []string{"--url", s.url, "console", uuid}, live, live)
	}()
	await(t, "the console is shown live", func() bool { return strings.Contains(live.String(), "it begins") })
	if strings.Contains(live.String(), "it ends") {
		t.Error("it ended before it could")
	}
	// Who stops watching is told how to go on.
	stopped := &output{}
	ctx, stop := context.WithCancel(t.Context())
	left := make(chan int)
	go func() { left <- run(ctx, []string{"--url", s.url, "console", uuid}, stopped, stopped) }()
	await(t, "it is watched twice", func() bool { return strings.Contains(stopped.String(), "it begins") })
	stop()
	if code := <-left; code != exitRefused || !regexp.MustCompile(`gozer console --offset [1-9][0-9]* `+uuid).MatchString(stopped.String()) {
		t.Errorf("exit code %d, %s", code, stopped)
	}
	if err := os.WriteFile(flag, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code := <-done; code != exitDone || !strings.Contains(live.String(), "it ends") {
		t.Errorf("exit code %d, %s", code, live)
	}
	await(t, "the build is in the history", func() bool { return strings.Contains(s.ok(t, "builds"), "SUCCESS") })
	if late := s.ok(t, "console", uuid); late != live.String() {
		t.Errorf("after the end the console is %q, live it was %q", late, live)
	}
	if rest := s.ok(t, "console", "--offset", "10", "--no-follow", uuid); rest != live.String()[10:] {
		t.Errorf("from byte 10 on it is %q", rest)
	}
	t.Run("history", func(t *testing.T) { s.history(t, uuid) })
	t.Run("dequeue", func(t *testing.T) { s.dequeued(t, flag) })
}

// history looks the only build up in every way.
func (s *server) history(t *testing.T, uuid string) {
	for args, found := range map[string]bool{
		"--job unit": true, "--job other": false, "--result SUCCESS": true, "--result FAILURE": false,
		"--project org/app": true, "--project org/other": false, "--project org/*": true, "--pipeline try": true,
		"--pipeline post": false, "--branch main": true, "--branch old": false, "--change 1": true, "--change 2": false,
		"--voting true": true, "--voting false": false, "--skip 1": false, "--limit 1": true,
		"--job unit --job other --result SUCCESS": true, "--tenant acme": true,
	} {
		list := decode[[]struct{ UUID string }](t, s.ok(t, append([]string{"builds", "-o", "json"}, strings.Fields(args)...)...))
		if (len(list) == 1 && list[0].UUID == uuid) != found || len(list) > 1 {
			t.Errorf("builds %s: %v, found must be %t", args, list, found)
		}
	}
	info := decode[struct {
		UUID, Result, Pipeline string
		JobName                string `json:"job_name"`
		Buildset               struct{ UUID string }
	}](t, s.ok(t, "build-info", uuid, "-o", "json"))
	if info.UUID != uuid || info.Result != "SUCCESS" || info.JobName != "unit" || info.Pipeline != "try" {
		t.Errorf("build-info gave %+v", info)
	}
	wants(t, s.ok(t, "build-info", uuid), "SUCCESS", "org/app", "1,1", "main", info.Buildset.UUID, "/logs/")
	sets := decode[[]struct{ UUID, Result string }](t, s.ok(t, "buildsets", "--pipeline", "try", "-o", "json"))
	if len(sets) != 1 || sets[0].UUID != info.Buildset.UUID || sets[0].Result != "SUCCESS" {
		t.Errorf("buildsets gave %+v", sets)
	}
	wants(t, s.ok(t, "buildsets", "--change", "1"), info.Buildset.UUID, "SUCCESS", "1,1")
	if out := s.ok(t, "buildsets", "--result", "FAILURE"); strings.Contains(out, info.Buildset.UUID) {
		t.Errorf("a success among failures:\n%s", out)
	}
}

// dequeued takes a branch in and out again.
func (s *server) dequeued(t *testing.T, flag string) {
	if err := os.Remove(flag); err != nil {
		t.Fatal(err)
	}
	out := decode[map[string]string](t, s.ok(t, "enqueue", "post", "refs/heads/main", "--project", "org/app", "-o", "json"))
	if out["pipeline"] != "post" || out["ref"] != "refs/heads/main" {
		t.Errorf("enqueue gave %v", out)
	}
	uuid := s.running(t)
	wants(t, s.ok(t, "status"), "post", "refs/heads/main")
	wants(t, s.ok(t, "dequeue", "post", "refs/heads/main", "--project", "org/app"), "refs/heads/main leaves post")
	await(t, "the build is canceled", func() bool { return strings.Contains(s.ok(t, "build-info", uuid), "CANCELED") })
	await(t, "the pipeline is empty", func() bool { return strings.Contains(s.ok(t, "status"), "nothing to do") })
	code, _, stderr := s.gozer(t, "enqueue", "post", "refs/heads/main")
	if code != exitMisused || !strings.Contains(stderr, "--project") {
		t.Errorf("without a project: exit code %d, %s", code, stderr)
	}
	user := strings.TrimSpace(s.ok(t, "admin", "create-auth-token", "--config", filepath.Join(s.dir, "gozer.yaml"), "--user", "eve"))
	if code, _, stderr := s.gozer(t, "--token", user, "enqueue", "try", "1"); code != exitRefused || !strings.Contains(stderr, "no administrator") {
		t.Errorf("as a user: exit code %d, %s", code, stderr)
	}
}

func TestDoctorKnowsTheRunningServer(t *testing.T) {
	t.Parallel()
	s := serve(t)
	file := filepath.Join(s.dir, "gozer.yaml")
	code, out, stderr := s.gozer(t, "doctor", "--config", file, "-o", "json")
	list := decode[[]struct{ Check, State, Detail, Mend string }](t, out)
	states := map[string]string{}
	for _, f := range list {
		states[f.Check] = f.State
		if f.Detail == "" || f.State != "ok" && f.Mend == "" {
			t.Errorf("finding %+v", f)
		}
	}
	if len(list) != 9 || states["quarantine"] != "ok" || states["git"] != "ok" || states["data"] != "ok" || states["tenants"] != "ok" || states["secrets"] != "ok" || states["sandbox"] != "warning" {
		t.Errorf("exit code %d, %v, %s", code, states, stderr)
	}
	if failed := strings.Contains(out, `"failure"`); failed != (code == exitRefused) || stderr != "" {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
}

func TestVerifyLogOfAStoppedServer(t *testing.T) {
	t.Parallel()
	var s *server
	dir := t.TempDir()
	t.Run("work", func(t *testing.T) { // the server stops with this test
		s = serveIn(t, dir)
		if err := os.WriteFile(s.working(t), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s.ok(t, "enqueue", "try", "1,1")
		await(t, "the build has ended", func() bool { return strings.Contains(s.ok(t, "builds"), "SUCCESS") })
		for _, args := range []string{"project list", "change list", "change show 1", "status", "builds", "buildsets"} {
			if out := s.ok(t, append(strings.Fields(args), "-o", "json")...); !json.Valid([]byte(out)) {
				t.Errorf("%s printed %s", args, out)
			}
		}
	})
	file := filepath.Join(s.dir, "gozer.yaml")
	wants(t, s.ok(t, "admin", "verify-log", "--config", file), "acme: ok")
	found := decode[client.Verification](t, s.ok(t, "admin", "verify-log", "--config", file, "--tenant", "acme", "-o", "json"))
	if !found.OK || len(found.Tenants) != 1 || found.Tenants[0].Commits == 0 || found.Tenants[0].Head != found.Tenants[0].Models {
		t.Errorf("found %+v", found)
	}
	if code, _, stderr := s.gozer(t, "admin", "verify-log", "--config", file, "--tenant", "amce"); code != exitRefused || !strings.Contains(stderr, "acme") {
		t.Errorf("a misspelt tenant: exit code %d, %s", code, stderr)
	}
}

// controlled promotes what leads already, and stops and resumes queues.
func (s *server) controlled(t *testing.T) {
	t.Helper()
	wants(t, s.ok(t, "promote", "try", "1"), "1,1 shall lead try")
	wants(t, s.ok(t, "autohold-list"), "there are no autohold requests")
	wants(t, s.ok(t, "autohold", "--project", "org/app", "--job", "unit", "--change", "1", "--reason", "a test", "--node-hold-expiration", "3600"), "will be kept")
	wants(t, s.ok(t, "autohold-list"), "0000000000", "refs/changes/01/1/.*", "a test")
	wants(t, s.ok(t, "autohold-info", "0"), "1h0m0s", "0000000000")
	wants(t, s.ok(t, "autohold-delete", "0"), "is deleted")
	if code, _, _ := s.gozer(t, "autohold-info", "0"); code == exitDone {
		t.Error("a deleted autohold request is still there")
	}
	if code, _, stderr := s.gozer(t, "promote", "try", "main"); code != exitMisused || !strings.Contains(stderr, "no change") {
		t.Errorf("promoting a branch: exit code %d, %s", code, stderr)
	}
	wants(t, s.ok(t, "tenant", "state"), "nothing is stopped")
	wants(t, s.ok(t, "tenant", "pause", "results", "--reason", "a test"), "results wait")
	await(t, "the pause shows", func() bool {
		return strings.Contains(s.ok(t, "status"), "stopped by an operator: results wait: a test")
	})
	wants(t, s.ok(t, "tenant", "pause", "triggers"), "triggers wait")
	wants(t, s.ok(t, "tenant", "discard"), "are dropped")
	await(t, "all of it shows", func() bool {
		return strings.Contains(s.ok(t, "tenant", "state"), "trigger events wait, trigger events are dropped, results wait")
	})
	wants(t, s.ok(t, "tenant", "resume"), "everything goes on")
	await(t, "nothing is stopped", func() bool { return strings.Contains(s.ok(t, "tenant", "state"), "nothing is stopped") })
}
