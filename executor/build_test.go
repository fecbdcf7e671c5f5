package executor_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/scheduler"
)

func TestSuccessRunsAllPhasesAndArchivesLogs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.job(map[string]string{
		"pre":  "#!/bin/sh\necho pre here: $GOZER_PHASE > $ZUUL_LOG_ROOT/pre.txt\n",
		"run":  "echo hello from $(basename $PWD); ls; echo oops >&2; mkdir $ZUUL_LOG_ROOT/deep; echo '<b>' > $ZUUL_LOG_ROOT/deep/page.html\n",
		"post": "#!/usr/bin/env -S sh -e\necho success=$GOZER_SUCCESS > ~/../logs/post.txt\nprintf 'no newline at the end'\n",
	})
	got := b.run(r)
	if got.Result != scheduler.ResultSuccess || got.Detail != "" {
		t.Errorf("got %+v", got)
	}
	if want := "http://gozer.example/logs/" + string(r.Start.Build) + "/"; got.LogURL != want {
		t.Errorf("log URL %q, want %q", got.LogURL, want)
	}
	console := b.console(r.Start.Build)
	for _, want := range []string{
		"PRE-RUN START: [untrusted : local/org/app/pre@main]", "PRE-RUN END RESULT_NORMAL: [untrusted : local/org/app/pre@main]",
		"| hello from app\n", "| oops\n", "POST-RUN START", "| no newline at the end\n", "| Job result: SUCCESS\n",
	} {
		if !strings.Contains(console, want) {
			t.Errorf("console lacks %q:\n%s", want, console)
		}
	}
	stamp := regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \| `)
	for line := range strings.Lines(console) {
		if !stamp.MatchString(line) {
			t.Errorf("line without a time: %q", line)
		}
	}
	for file, want := range map[string]string{"pre.txt": "pre here: PRE-RUN\n", "post.txt": "success=true\n", "deep/page.html": "<b>\n"} {
		if got := b.log(r.Start.Build, file); got != want {
			t.Errorf("%s is %q, want %q", file, got, want)
		}
	}
	if b.sink.bad != "" || string(b.sink.data[r.Start.Build]) != console || b.sink.closed[r.Start.Build] != int64(len(console)) {
		t.Errorf("sink differs from job-output.txt: %s\n%s", b.sink.bad, b.sink.data[r.Start.Build])
	}
}

// TestResults is the table of build results (Zuul documentation, "Build status").
func TestResults(t *testing.T) {
	t.Parallel()
	const pass, fail, hang = "exit 0\n", "exit 7\n", "sleep 1000\n"
	tests := map[string]struct {
		files  map[string]string
		change func(*scheduler.FrozenJob)
		want   scheduler.Result
		detail string // part of it
		lines  []string
		never  []string
	}{
		"run fails": {
			files: map[string]string{"run": fail, "post": "echo success is $GOZER_SUCCESS\n"},
			want:  scheduler.ResultFailure, detail: "playbook run of local/org/app failed with exit status 7",
			lines: []string{"RUN END RESULT_NORMAL (exit status 7)", "success is false"},
		},
		"run is killed by a signal": {
			files: map[string]string{"run": "kill -SEGV $$\n"}, want: scheduler.ResultFailure, detail: "exit status 139",
		},
		"pre-run fails": {
			files: map[string]string{"pre": fail, "run": "echo never\n", "post": "echo post\n"},
			want:  "", detail: "playbook pre of local/org/app failed", lines: []string{"| post", "Job result: RETRY"}, never: []string{"never"},
		},
		"run times out": {
			files:  map[string]string{"run": hang, "post": "echo post; exit 1\n"},
			change: func(j *scheduler.FrozenJob) { j.Timeout = 200 * time.Millisecond },
			want:   scheduler.ResultTimedOut, detail: "stopped by the timeout", lines: []string{"RESULT_TIMED_OUT", "| post"},
		},
		"timeout covers pre-run, where it is a retry": {
			files:  map[string]string{"pre": hang, "run": "echo never\n"},
			change: func(j *scheduler.FrozenJob) { j.Timeout = 200 * time.Millisecond },
			want:   "", detail: "stopped by the timeout", never: []string{"never"},
		},
		"post-run fails": {
			files: map[string]string{"run": pass, "post": fail}, want: scheduler.ResultPostFailure, detail: "playbook post",
		},
		"post-run fails after a failure": {
			files: map[string]string{"run": fail, "post": fail}, want: scheduler.ResultPostFailure,
		},
		"post-run times out": {
			files:  map[string]string{"run": pass, "post": hang},
			change: func(j *scheduler.FrozenJob) { j.PostTimeout = 200 * time.Millisecond },
			want:   scheduler.ResultPostFailure, detail: "timeout",
		},
		"cleanup never changes the result": {
			files:  map[string]string{"run": pass, "post": fail},
			change: func(j *scheduler.FrozenJob) { j.PostRun[0].Cleanup = true },
			want:   scheduler.ResultSuccess, lines: []string{"CLEANUP END"},
		},
		"post-run of a level that pre-run did not reach": {
			files:  map[string]string{"pre": fail, "run": pass, "post": "echo never\n"},
			change: func(j *scheduler.FrozenJob) { j.PostRun[0].Level = 1 },
			want:   "", never: []string{"never"},
		},
		"the first failing run playbook is the last": {
			files: map[string]string{"run": fail, "second": "echo never\n"},
			change: func(j *scheduler.FrozenJob) {
				j.Run = append(j.Run, scheduler.Playbook{Project: own, Branch: "main", Path: "second"})
			},
			want: scheduler.ResultFailure, never: []string{"never"},
		},
		"missing playbook": {
			files: map[string]string{"pre": "echo never\n", "run": pass}, want: scheduler.ResultError,
			change: func(j *scheduler.FrozenJob) { j.Run[0].Path = "absent/run" },
			detail: "playbook absent/run does not exist in project local/org/app branch main", never: []string{"never"},
		},
		"missing playbook branch": {
			files: map[string]string{"run": pass}, want: scheduler.ResultError,
			change: func(j *scheduler.FrozenJob) { j.Run[0].Branch = "absent" }, detail: `no branch "absent"`,
		},
		"playbook outside of its project": {
			files: map[string]string{"run": pass}, want: scheduler.ResultError,
			change: func(j *scheduler.FrozenJob) { j.Run[0].Path = "../../x" }, detail: "leaves its project",
		},
		"playbook is a directory": {
			files: map[string]string{"run": pass, "dir/x": ""}, want: scheduler.ResultError,
			change: func(j *scheduler.FrozenJob) { j.Run[0].Path = "dir" }, detail: "is not a file",
		},
		"YAML playbook": {
			files: map[string]string{"run": pass, "run.yaml": "- hosts: all\n"}, want: scheduler.ResultError,
			change: func(j *scheduler.FrozenJob) { j.Run[0].Path = "run.yaml" }, detail: "needs the ansible runner, which this executor does not have",
		},
		"no run playbook": {
			files: map[string]string{"pre": pass}, want: scheduler.ResultError, detail: "job unit has no run playbook",
		},
		"reserved variable": {
			files: map[string]string{"run": pass}, want: scheduler.ResultError,
			change: func(j *scheduler.FrozenJob) { j.Vars = []byte(`{"zuul": 1}`) }, detail: `variable "zuul"`,
		},
		"interpreter is missing": {
			files: map[string]string{"run": "#!/no/such/thing\n"}, want: scheduler.ResultError, detail: "execvp /no/such/thing",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			r := b.job(tt.files)
			if tt.change != nil {
				tt.change(r.Start.Job)
			}
			got := b.run(r)
			console := b.console(r.Start.Build)
			if got.Result != tt.want || !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("got %q, %q, want %q, %q\n%s", got.Result, got.Detail, tt.want, tt.detail, console)
			}
			for _, want := range tt.lines {
				if !strings.Contains(console, want) {
					t.Errorf("console lacks %q:\n%s", want, console)
				}
			}
			for _, not := range tt.never {
				if strings.Contains(console, not) {
					t.Errorf("console has %q:\n%s", not, console)
				}
			}
		})
	}
}

func TestRequestSurvivesJSON(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.job(map[string]string{"run": "echo $GOZER_VAR_word $GOZER_VAR_n $GOZER_VAR_yes ${GOZER_VAR_list-unset}\n"})
	r.Start.Job.Vars = json.RawMessage(`{"word": "a b", "n": 12345678901234567890, "yes": true, "list": [1], "bad-name": "x"}`)
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var again executor.Request
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	if got := b.run(again); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v", got)
	}
	if console := b.console(r.Start.Build); !strings.Contains(console, "| a b 12345678901234567890 true unset\n") {
		t.Errorf("variables differ:\n%s", console)
	}
}
