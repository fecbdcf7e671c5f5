package app_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/config"
)

// jobPipelines have jobs that give each other things: registry pauses while
// user runs, and what it provides the jobs of other changes require.
const jobPipelines = `- pipeline: {name: check, manager: independent, trigger: {local: [{event: patchset-created}]}, success: {local: {Verified: 1}}, failure: {local: {Verified: -1}}}
- job: {name: base, parent: null}
- job: {name: registry, run: registry.sh, post-run: after.sh, provides: images}
- job: {name: user, run: user.sh, dependencies: [registry]}
- job: {name: other, run: user.sh, dependencies: [registry]}
- job: {name: reader, run: reader.sh, requires: images}
- job: {name: talker, run: talker.sh, failure-output: "FAILED.*"}
- project: {name: org/app, check: {jobs: [registry, user, other]}}
- project: {name: org/lib, check: {jobs: [reader, talker]}}
`

func jobContent() files {
	return files{
		"zuul.yaml": jobPipelines,
		"registry.sh": `cat > $GOZER_RETURN <<'END'
{"data": {"where": "here", "zuul": {"pause": true, "child_jobs": ["user"], "warnings": ["it is slow"],
   "artifacts": [{"name": "image", "url": "http://registry.example/image", "metadata": {"type": "oci"}}]}},
 "secret_data": {"password": "open-sesame"}}
END
`,
		"after.sh":  "echo the registry ends, success is $GOZER_SUCCESS\n",
		"user.sh":   "set -e\ntest \"$GOZER_VAR_where\" = here\ngrep -q '\"password\": \"open-sesame\"' $GOZER_SECRETS\ngrep -q http://registry.example/image $ZUUL_VARS\n",
		"reader.sh": "grep -q http://registry.example/image $ZUUL_VARS\n",
		"talker.sh": "echo FAILED to be quiet\n",
	}
}

type buildRow struct {
	JobName   string `json:"job_name"`
	Result    string
	Start     string `json:"start_time"`
	End       string `json:"end_time"`
	Detail    string `json:"error_detail"`
	Artifacts []struct {
		Name, URL string
		Metadata  map[string]string
	}
	Provides []struct{ Name string }
}

// builds waits until a change has n builds with results, by job.
func (s *server) builds(change, n int) map[string]buildRow {
	s.t.Helper()
	out := map[string]buildRow{}
	s.await(fmt.Sprintf("change %d has %d builds", change, n), func() bool {
		var list []buildRow
		s.get(fmt.Sprintf("/api/tenant/acme/builds?change=%d&complete=true", change), &list)
		for _, b := range list {
			out[b.JobName] = b
		}
		return len(out) >= n
	})
	return out
}

// TestJobsGiveEachOtherThings goes the whole way: a shell job returns data, a
// secret and an artifact and pauses; its dependents see them; the job of
// another change that requires the artifact finds it in the history.
func TestJobsGiveEachOtherThings(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme})
	s.found("config", jobContent())
	lib := s.found("org/lib", files{"README": "lib\n"})
	app := s.found("org/app", files{"README": "app\n"})
	s.awaitReady("acme", "check")
	app.propose(files{"x": "x\n"})
	got := s.builds(1, 3)
	for job, want := range map[string]string{"registry": "SUCCESS", "user": "SUCCESS", "other": "SKIPPED"} {
		if got[job].Result != want {
			t.Errorf("%s ended with %s %s, want %s", job, got[job].Result, got[job].Detail, want)
		}
	}
	if got["registry"].End < got["user"].End {
		t.Errorf("registry ended at %s, before user at %s", got["registry"].End, got["user"].End)
	}
	r := got["registry"]
	if len(r.Provides) != 1 || r.Provides[0].Name != "images" || len(r.Artifacts) != 1 || r.Artifacts[0].URL != "http://registry.example/image" ||
		r.Artifacts[0].Metadata["type"] != "oci" {
		t.Errorf("registry is shown as %+v", r)
	}
	s.await("the report tells the warning", func() bool {
		a := s.call("", "GET", "/api/connection/local/changes/1", "")
		return strings.Contains(a.body, "it is slow") && strings.Contains(a.body, "Skipped 1 job")
	})

	lib.git("checkout", "-q", "--detach", "origin/main")
	lib.git("commit", "-q", "--allow-empty", "-m", "Read images\n\nDepends-On: "+s.URL()+"/change/1")
	lib.git("push", "-q", "origin", "HEAD:refs/for/main")
	read := s.builds(2, 2)
	if read["reader"].Result != "SUCCESS" {
		t.Errorf("reader ended with %s %s", read["reader"].Result, read["reader"].Detail)
	}
	if read["talker"].Result != "FAILURE" || !strings.Contains(read["talker"].Detail, "failure-output") {
		t.Errorf("talker ended with %s %s", read["talker"].Result, read["talker"].Detail)
	}
	s.end()
	s.neverWritten("open-sesame")
}

// neverWritten looks for a secret in all that the server has kept. Git
// compresses the script that invents it.
func (s *server) neverWritten(secret string) {
	s.t.Helper()
	data := filepath.Join(s.dir, "data")
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(secret)) {
			s.t.Errorf("%s has the secret", path)
		}
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
	if strings.Contains(s.log.String(), secret) {
		s.t.Error("the server's log has the secret")
	}
}

// TestInheritanceThatFitsNoMessage shows that a build which gets too much from
// the jobs before it ends, instead of being asked for for ever.
func TestInheritanceThatFitsNoMessage(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme, edit: func(c *config.Config) { c.NATS.MessageLimit = 1 << 20 }})
	const much = `printf '{"data": {"%s": "' $ZUUL_JOB > $GOZER_RETURN
head -c 250000 /dev/zero | tr '\0' x >> $GOZER_RETURN
printf '"}}' >> $GOZER_RETURN
`
	parents := []string{"one", "two", "three", "four", "five"}
	yaml := `- pipeline: {name: check, manager: independent, trigger: {local: [{event: patchset-created}]}, success: {local: {Verified: 1}}, failure: {local: {Verified: -1}}}
- job: {name: base, parent: null}
- job: {name: heir, run: heir.sh, dependencies: [` + strings.Join(parents, ", ") + `]}
- project: {name: org/app, check: {jobs: [` + strings.Join(parents, ", ") + `, heir]}}
`
	for _, name := range parents {
		yaml += "- job: {name: " + name + ", run: much.sh}\n"
	}
	s.found("config", files{"zuul.yaml": yaml, "much.sh": much, "heir.sh": "true\n"})
	app := s.found("org/app", files{"README": "app\n"})
	s.awaitReady("acme", "check")
	app.propose(files{"x": "x\n"})
	got := s.builds(1, 6)
	if heir := got["heir"]; heir.Result != "ERROR" || !strings.Contains(heir.Detail, "more than a message may") || got["one"].Result != "SUCCESS" {
		t.Errorf("heir ended with %s %s, one with %s", heir.Result, heir.Detail, got["one"].Result)
	}
}
