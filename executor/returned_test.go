package executor_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/scheduler"
)

// sealer turns bytes around, which is enough to tell sealed from plain.
type sealer struct{}

func (sealer) Seal(t scheduler.TenantName, plain []byte) (scheduler.Sealed, error) {
	return turned(append([]byte(t+"/"), plain...)), nil
}

func (sealer) Open(t scheduler.TenantName, s scheduler.Sealed) ([]byte, error) {
	plain, ok := strings.CutPrefix(string(turned(s)), string(t)+"/")
	if !ok {
		return nil, fmt.Errorf("sealed for another tenant")
	}
	return []byte(plain), nil
}

func turned(p []byte) []byte {
	out := make([]byte, len(p))
	for i, c := range p {
		out[len(p)-1-i] = c
	}
	return out
}

func sealing(c *executor.Config) { c.Secrets = sealer{} }

func TestReturnedDataAccumulate(t *testing.T) {
	t.Parallel()
	b := setup(t, sealing)
	r := b.job(map[string]string{
		"pre": `echo '{"data": {"a": {"x": 1, "y": 1}}, "secret_data": {"password": "sesame"}}' > $GOZER_RETURN` + "\n",
		"run": `cat > $GOZER_RETURN <<'END'
{"data": {"a": {"y": 2}, "big": 12345678901234567890,
  "zuul": {"artifacts": [{"name": "docs", "url": "docs/", "metadata": {"type": "html"}}, {"name": "image", "url": "https://example.com/i"}],
    "child_jobs": ["next"], "other": 1}}}
END
`,
		"post": `echo '{"data": {"zuul": {"warnings": ["watch out"]}}}' > $GOZER_RETURN` + "\n",
	})
	got := b.run(r)
	if got.Result != scheduler.ResultSuccess || got.Returned == nil {
		t.Fatalf("got %+v\n%s", got, b.console(r.Start.Build))
	}
	if want := `{"a":{"x":1,"y":2},"big":12345678901234567890}`; string(got.Returned.Data) != want {
		t.Errorf("data are %s, want %s", got.Returned.Data, want)
	}
	if plain, err := (sealer{}).Open("acme", got.Returned.SecretData); err != nil || string(plain) != `{"password":"sesame"}` {
		t.Errorf("secret data are %s, %v", plain, err)
	}
	if !got.Returned.ChildJobsGiven || len(got.Returned.ChildJobs) != 1 || got.Returned.ChildJobs[0] != "next" {
		t.Errorf("child jobs are %v", got.Returned.ChildJobs)
	}
	if w := got.Returned.Warnings; len(w) != 1 || w[0] != "watch out" {
		t.Errorf("warnings are %q", w)
	}
	logs := "http://gozer.example/logs/" + string(r.Start.Build) + "/"
	want := fmt.Sprintf(`[{"Name":"docs","URL":%q,"Metadata":{"type":"html"}},{"Name":"image","URL":"https://example.com/i","Metadata":null}]`, logs+"docs/")
	if list, _ := json.Marshal(got.Returned.Artifacts); string(list) != want {
		t.Errorf("artifacts are %s, want %s", list, want)
	}
	if strings.Contains(b.console(r.Start.Build), "sesame") {
		t.Error("a secret is in the console")
	}
}

// TestWrongReturnsAreTheBuildsProblem shows that whatever a job leaves where
// its return values should be ends that build and nothing else.
func TestWrongReturnsAreTheBuildsProblem(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		run    string
		want   scheduler.Result
		detail string
	}{
		"garbage":               {`head -c 100 /dev/urandom > $GOZER_RETURN`, scheduler.ResultError, "is wrong"},
		"a list":                {`echo '[]' > $GOZER_RETURN`, scheduler.ResultError, "is wrong"},
		"two values":            {`echo '{}{}' > $GOZER_RETURN`, scheduler.ResultError, "more than one value"},
		"an unknown member":     {`echo '{"dat": {}}' > $GOZER_RETURN`, scheduler.ResultError, `unknown field "dat"`},
		"zuul is a number":      {`echo '{"data": {"zuul": 1}}' > $GOZER_RETURN`, scheduler.ResultError, "returned as zuul"},
		"child_jobs is a text":  {`echo '{"data": {"zuul": {"child_jobs": "x"}}}' > $GOZER_RETURN`, scheduler.ResultError, "child_jobs"},
		"a directory":           {`mkdir $GOZER_RETURN`, scheduler.ResultError, "is not a file"},
		"a link":                {`ln -s /etc/passwd $GOZER_RETURN`, scheduler.ResultError, "is not a file"},
		"a pipe":                {`mkfifo $GOZER_RETURN`, scheduler.ResultError, "is not a file"},
		"too much":              {`head -c 300000 /dev/zero > $GOZER_RETURN`, scheduler.ResultError, "the limit is 256 KiB"},
		"very deep":             {`head -c 200000 /dev/zero | tr '\0' '[' > $GOZER_RETURN`, scheduler.ResultError, "is wrong"},
		"nothing":               {`: > $GOZER_RETURN`, scheduler.ResultSuccess, ""},
		"null":                  {`echo null > $GOZER_RETURN`, scheduler.ResultSuccess, ""},
		"secrets without a key": {`echo '{"secret_data": {"a": 1}}' > $GOZER_RETURN`, scheduler.ResultError, "can't seal"},
		"after a failure":       {`echo x > $GOZER_RETURN; exit 1`, scheduler.ResultFailure, "exit status 1"},
		"artifact without name": {`echo '{"data": {"zuul": {"artifacts": [{"url": "x"}, {"name": "a", "url": "b"}]}}}' > $GOZER_RETURN`, scheduler.ResultSuccess, ""},
		"warning is no text":    {`echo '{"data": {"zuul": {"warnings": [1]}}}' > $GOZER_RETURN`, scheduler.ResultSuccess, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			r := b.job(map[string]string{"run": tt.run + "\n", "post": "echo post\n"})
			got := b.run(r)
			if got.Result != tt.want || !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("got %q, %q, want %q, %q", got.Result, got.Detail, tt.want, tt.detail)
			}
			if got.Returned != nil {
				t.Errorf("returned %+v", got.Returned)
			}
			if !strings.Contains(b.console(r.Start.Build), "| post\n") {
				t.Error("post-run did not run")
			}
		})
	}
}

func TestDataOfTheJobsBefore(t *testing.T) {
	t.Parallel()
	b := setup(t, sealing)
	r := b.job(map[string]string{"run": "echo $GOZER_VAR_word $GOZER_VAR_late; cat $ZUUL_VARS $GOZER_SECRETS\n"})
	r.Start.Job.Vars = json.RawMessage(`{"word": "mine", "deep": {"a": 1}}`)
	one, _ := sealer{}.Seal("acme", []byte(`{"password": "first", "zuul": 1}`))
	two, _ := sealer{}.Seal("acme", []byte(`{"password": "second", "user": "bob"}`))
	r.Start.Inherited = scheduler.Inherited{
		Data: json.RawMessage(`{"word": "theirs", "late": "yes", "deep": {"a": 0, "b": 2}}`), Secrets: []scheduler.Sealed{one, two},
		Artifacts: []scheduler.PassedArtifact{{
			Artifact: scheduler.Artifact{Name: "image", URL: "http://x", Metadata: json.RawMessage(`{"k":1}`)},
			Project:  "org/app", Job: "build", Branch: "main", Change: 7, Patchset: 2,
		}},
	}
	if got := b.run(r); got.Result != scheduler.ResultSuccess {
		t.Fatalf("got %+v", got)
	}
	text := strings.Join(strings.Fields(b.console(r.Start.Build)), "")
	for _, want := range []string{"mineyes", `"a":1,`, `"b":2`, `"name":"image"`, `"change":"7"`, `"password":"first"`, `"user":"bob"`} {
		flat := strings.Join(strings.Fields(want), "")
		if !strings.Contains(withoutStamps(text), flat) {
			t.Errorf("console lacks %s:\n%s", want, b.console(r.Start.Build))
		}
	}
}

// withoutStamps drops the times of lines that were joined to one.
func withoutStamps(text string) string {
	var out strings.Builder
	for _, part := range strings.Split(text, "|") {
		if n := len("2006-01-0215:04:05.000000"); len(part) >= n {
			out.WriteString(part[:len(part)-n])
		}
	}
	return out.String()
}

func TestSecretsOfAnotherTenant(t *testing.T) {
	t.Parallel()
	b := setup(t, sealing)
	r := b.job(map[string]string{"run": "echo never\n"})
	foreign, _ := sealer{}.Seal("other", []byte(`{}`))
	r.Start.Inherited.Secrets = []scheduler.Sealed{foreign}
	if got := b.run(r); got.Result != scheduler.ResultError || !strings.Contains(got.Detail, "another tenant") {
		t.Errorf("got %+v", got)
	}
}

func TestNoRetryOnRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.job(map[string]string{"pre": `echo '{"data": {"zuul": {"retry": false}}}' > $GOZER_RETURN; exit 1` + "\n", "run": "echo never\n"})
	if got := b.run(r); got.Result != scheduler.ResultFailure {
		t.Errorf("got %+v", got)
	}
}

const pausing = `echo '{"data": {"from": "run", "zuul": {"pause": true}}}' > $GOZER_RETURN` + "\n"

func (b *bench) paused(id scheduler.BuildID) scheduler.PausedBuild {
	b.t.Helper()
	c, ok := b.next().(scheduler.PausedBuild)
	if !ok || c.Build != id || c.Executor != b.cfg.Name {
		b.t.Fatalf("got %+v, want the pause of %s", c, id)
	}
	return c
}

// TestPause lets more builds pause than there are slots: others run meanwhile.
func TestPause(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *executor.Config) { c.Slots = 1 })
	parent := b.job(map[string]string{"run": pausing, "post": "echo success is $GOZER_SUCCESS\n"})
	m := b.send(parent)
	b.started(parent.Start.Build)
	if got := b.paused(parent.Start.Build); got.Returned == nil || string(got.Returned.Data) != `{"from":"run"}` {
		t.Errorf("paused with %+v", got.Returned)
	}
	child := b.job(map[string]string{"run": "echo child\n"})
	if got := b.run(child); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v", got)
	}
	b.svc.Resume(parent.Start.Build)
	b.svc.Resume(parent.Start.Build)
	if got := b.completed(parent.Start.Build); got.Result != scheduler.ResultSuccess || got.Returned == nil {
		t.Errorf("got %+v", got)
	}
	await(t, m.acked, "acknowledgement")
	for _, line := range []string{"Job paused", "Job resumed", "success is true"} {
		if !strings.Contains(b.console(parent.Start.Build), line) {
			t.Errorf("console lacks %q", line)
		}
	}
	// The slot is there again, and only one.
	if got := b.run(b.job(map[string]string{"run": "true\n"})); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v", got)
	}
}

func TestPauseAsksWhetherItIsOver(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *executor.Config) {
		c.Heartbeat = 10 * time.Millisecond
		c.Resumed = func(t scheduler.TenantName, _ scheduler.BuildID) bool { return t == "acme" }
	})
	r := b.job(map[string]string{"run": pausing})
	b.send(r)
	b.started(r.Start.Build)
	b.paused(r.Start.Build)
	if got := b.completed(r.Start.Build); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v", got)
	}
}

func TestCancelOfAPausedBuild(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.job(map[string]string{"run": pausing, "post": "echo never\n"})
	m := b.send(r)
	b.started(r.Start.Build)
	b.paused(r.Start.Build)
	b.svc.Cancel(r.Start.Build, "not needed")
	await(t, m.acked, "acknowledgement")
	if strings.Contains(b.console(r.Start.Build), "never") {
		t.Error("post-run ran")
	}
}

// TestAFailedRunDoesNotPause shows that there is nothing to wait for then.
func TestAFailedRunDoesNotPause(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if got := b.run(b.job(map[string]string{"run": pausing + "exit 1\n"})); got.Result != scheduler.ResultFailure {
		t.Errorf("got %+v", got)
	}
}

func TestEarlyFailure(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files  map[string]string
		want   scheduler.Result
		detail string
		early  bool
	}{
		"a run playbook fails": {
			map[string]string{"run": "exit 1\n", "post": "echo post\n"}, scheduler.ResultFailure, "exit status 1", true},
		"without post-run the result is as early": {
			map[string]string{"run": "exit 1\n"}, scheduler.ResultFailure, "exit status 1", false},
		"output means failure": {
			map[string]string{"run": "echo fine; printf 'FAI'; echo 'LED: 3 tests'; echo on\n"}, scheduler.ResultFailure, "failure-output", true},
		"only the beginning of a line counts": {
			map[string]string{"run": "echo it has not FAILED\n"}, scheduler.ResultSuccess, "", false},
		"output of pre-run and post-run does not count": {
			map[string]string{"pre": "echo FAILED\n", "run": "true\n", "post": "echo FAILED\n"}, scheduler.ResultSuccess, "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			r := b.job(tt.files)
			r.Start.Job.FailureOutput = []string{"FAILED", "panic: .*"}
			got := b.run(r)
			if got.Result != tt.want || !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("got %+v", got)
			}
			if early := len(b.failing) == 1; early != tt.early || len(b.failing) > 1 {
				t.Errorf("announced %+v", b.failing)
			}
		})
	}
}

// TestEarlyFailureIsEarly sees the announcement while the playbook still runs.
func TestEarlyFailureIsEarly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.job(map[string]string{"run": "echo FAILED; sleep 1000\n"})
	r.Start.Job.FailureOutput = []string{"FAILED"}
	m := b.send(r)
	b.started(r.Start.Build)
	if c, ok := b.next().(scheduler.FailingBuild); !ok || c.Build != r.Start.Build || c.Executor != b.cfg.Name {
		t.Errorf("got %+v", c)
	}
	b.svc.Cancel(r.Start.Build, "seen enough")
	await(t, m.acked, "acknowledgement")
}

func TestBadFailureOutput(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.job(map[string]string{"run": "true\n"})
	r.Start.Job.FailureOutput = []string{"("}
	if got := b.run(r); got.Result != scheduler.ResultError || !strings.Contains(got.Detail, "failure-output") {
		t.Errorf("got %+v", got)
	}
}
