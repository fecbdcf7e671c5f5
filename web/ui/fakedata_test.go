package ui

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

const (
	runningBuild = "6202eb4873974614a06068327450d1ab"
	failedBuild  = "a78826d611aee2975f9c3b5bbeb2cca9"
	hugeBuild    = "b92136b9cdf12419d80476a68e3465e2"
	passedSet    = "7925de5f4301b66687b7abb6f1e09e06"
	failedSet    = "382a1bd2e5f842604d14935464ce2877"
)

// job makes a JOB of the status document. state is waiting:<why>, running:
// <elapsed>/<estimate> in seconds, or a result.
func job(name, state string, more ...doc) doc {
	j := doc{
		"name": name, "dependencies": []string{}, "voting": true, "queued": false, "tries": 0, "waiting_status": nil, "result": nil,
		"uuid": nil, "url": nil, "finger_url": nil, "report_url": nil, "execute_time": nil, "start_time": nil, "end_time": nil,
		"estimated_time": nil, "elapsed_time": nil, "remaining_time": nil, "pipeline": nil, "canceled": nil, "paused": nil, "pre_fail": nil, "retry": nil,
	}
	now := float64(time.Now().UnixMilli()) / 1000
	var elapsed, estimate float64
	switch kind, rest, _ := strings.Cut(state, ":"); kind {
	case "waiting":
		j["waiting_status"] = rest
	case "running":
		_, _ = fmt.Sscanf(rest, "%f/%f", &elapsed, &estimate)
		j["uuid"], j["tries"], j["queued"] = runningBuild, 1, true
		j["start_time"], j["execute_time"], j["elapsed_time"] = now-elapsed, now-elapsed, int(elapsed*1000)
		if estimate > 0 {
			j["estimated_time"] = estimate
		}
	default:
		j["uuid"], j["tries"], j["result"], j["elapsed_time"] = failedBuild, 1, kind, 62000
		j["start_time"], j["end_time"] = now-200, now-138
	}
	for _, m := range more {
		for k, v := range m {
			j[k] = v
		}
	}
	return j
}

func ref(id, project, owner string) doc {
	number, patchset, _ := strings.Cut(id, ",")
	return doc{
		"id": id, "project": project, "project_canonical": "local/" + project, "owner": owner,
		"ref": fmt.Sprintf("refs/changes/%02s/%s/%s", number, number, patchset), "url": "http://gozer.example.com/change/" + number,
	}
}

func item(id string, ahead any, refs []doc, jobs []doc, more ...doc) doc {
	i := doc{
		"id": id, "active": true, "live": true, "refs": refs, "item_ahead": ahead, "items_behind": []string{}, "failing_reasons": []string{},
		"zuul_ref": "Z" + id, "enqueue_time": time.Now().Add(-4 * time.Minute).UnixMilli(), "remaining_time": nil, "jobs": jobs,
	}
	for _, m := range more {
		for k, v := range m {
			i[k] = v
		}
	}
	return i
}

func queue(name string, window int, heads ...[]doc) doc {
	return doc{"name": name, "window": window, "branch": nil, "heads": heads}
}

func pipeline(name, manager string, queues ...doc) doc {
	if queues == nil {
		queues = []doc{}
	}
	return doc{
		"name": name, "description": "The " + name + " pipeline", "state": "normal", "manager": manager, "triggers": []doc{{"driver": "local"}},
		"change_queues": queues, "trigger_events": 0, "result_events": 0, "management_events": 0,
	}
}

// busyPipelines is a gate with a failing item in the middle, a cycle and an
// item outside the window, and a check pipeline with the usual.
func busyPipelines() []doc {
	gate := []doc{
		item("i1", nil, []doc{ref("12,3", "org/app", "ada")}, []doc{
			job("build", "SUCCESS"), job("unit-tests", "running:140/210"), job("integration-tests", "running:95/400"), job("docs", "SUCCESS", doc{"voting": false}),
		}, doc{"remaining_time": 305000}),
		item("i2", "i1", []doc{ref("14,1", "org/lib", "grace")}, []doc{
			job("build", "SUCCESS"), job("unit-tests", "FAILURE"), job("integration-tests", "running:80/400"),
		}, doc{"failing_reasons": []string{"at least one job failed"}}),
		item("i3", "i1", []doc{ref("15,2", "org/app", "linus")}, []doc{
			job("build", "running:12/60"), job("unit-tests", "waiting:dependencies: build"), job("integration-tests", "waiting:semaphores: staging"),
		}, doc{"remaining_time": 420000}),
		item("i4", "i3", []doc{ref("17,1", "org/app", "margaret"), ref("18,4", "org/lib", "margaret")}, []doc{
			job("build", "waiting:executor"), job("unit-tests", "waiting:dependencies: build"),
		}),
		item("i5", "i4", []doc{ref("21,1", "org/a-project-with-a-rather-long-name", "dennis")}, []doc{}, doc{"active": false}),
	}
	return []doc{
		pipeline("check", "independent",
			queue("", 0, []doc{item("c1", nil, []doc{ref("22,1", "org/app", "ken")}, []doc{job("build", "SUCCESS"), job("unit-tests", "running:31/210"), job("lint", "running:9/0")})}),
			queue("", 0, []doc{item("c2", nil, []doc{ref("23,7", "org/website", "radia")}, []doc{})}),
			queue("", 0, []doc{item("c3", nil, []doc{ref("24,2", "org/lib", "barbara")}, []doc{job("build", "waiting:node request: 100-0001"), job("unit-tests", "waiting:dependencies: build", doc{"tries": 2, "queued": true})})})),
		pipeline("gate", "dependent", queue("integrated", 4, gate)),
		pipeline("post", "supercedent"),
	}
}

func (f *fake) fill() {
	f.pipelines = busyPipelines()
	f.console.WriteString("2026-11-20 14:00:01.120 | \x1b[1mPreparing the workspace\x1b[0m\n2026-11-20 14:00:02.310 | org/app at refs/changes/12/12/3\n")
	f.fillHistory()
	f.errors = []doc{{
		"source_context": doc{"project": "org/website", "branch": "main", "path": "zuul.yaml"}, "severity": "error", "name": "Unknown Job",
		"short_error": "Job deploy-site is not defined", "error": "Job deploy-site is not defined\n\n  zuul.yaml:14:9\n\n     gate:\n       jobs:\n         - deploy-site\n           ^\n\nA job has to be defined before a project can run it.",
	}, {
		"source_context": doc{"project": "org/lib", "branch": "main", "path": ".zuul.yaml"}, "severity": "warning", "name": "Regex Deprecation",
		"short_error": "A negative lookahead is not supported", "error": "A negative lookahead is not supported",
	}}
	f.change = summary(12, "org/app", "Retry uploads that were cut off")
	maps.Copy(f.change, doc{
		"message":   "Retry uploads that were cut off\n\nA connection that broke in the middle of an upload left half a file behind.\nUploads now continue where they stopped.\n\nDepends-On: http://gozer.example.com/change/9\nChange-Id: I8473b95934b5732ac55d26311a706c9c2bde9940\n",
		"patchsets": []doc{{"number": 3, "commit": "1f0c2d3e4b5a69788796a5b4c3d2e1f001122334", "ref": "refs/changes/12/12/3", "uploader": "ada", "created": exact(20 * time.Minute)}},
		"votes":     []doc{{"label": "Code-Review", "value": 2, "user": "grace"}, {"label": "Verified", "value": 1, "user": "gozer"}},
		"comments": []doc{
			{"author": "grace", "message": "Looks right. Could the pause between two tries grow?\nSee http://gozer.example.com/change/9 for how lib does it.", "votes": []doc{{"label": "Code-Review", "value": 2, "user": "grace"}}, "patchset": 2, "created": exact(50 * time.Minute)},
			{"author": "gozer", "message": "Build succeeded (check pipeline).\n\n- build: SUCCESS in 1m 02s\n- unit-tests: SUCCESS in 3m 10s", "votes": []doc{}, "patchset": 3, "created": exact(12 * time.Minute)},
		},
		"depends_on": []int{9}, "needed_by": []int{15}, "missing": []string{"Workflow"},
	})
	f.history = doc{"change": 12, "refusals": []doc{}, "buildsets": []doc{}, "items": []doc{
		{"id": "i0", "pipeline": "check", "refs": []doc{}, "cause": "patchset-created", "enqueue_time": stamp(19 * time.Minute), "dequeue_time": stamp(12 * time.Minute), "result": "SUCCESS", "resets": 0, "decisions": []doc{
			{"seq": 41, "time": stamp(19 * time.Minute), "kind": "enqueued", "text": "Entered check because of patchset-created"},
			{"seq": 49, "time": stamp(12 * time.Minute), "kind": "dequeued", "text": "Left check: passed"},
		}},
		{"id": "i1", "pipeline": "gate", "refs": []doc{}, "cause": "comment-added", "enqueue_time": stamp(4 * time.Minute), "dequeue_time": nil, "result": nil, "resets": 1, "decisions": []doc{
			{"seq": 60, "time": stamp(4 * time.Minute), "kind": "enqueued", "text": "Entered gate behind 11,1 of org/lib because of comment-added"},
			{"seq": 64, "time": stamp(3 * time.Minute), "kind": "reset", "text": "Starts over: 11,1 ahead of it can't succeed"},
			{"seq": 66, "time": stamp(2 * time.Minute), "kind": "prepared", "text": "Prepared on top of main (1f0c2d3e) to run build and unit-tests"},
		}},
	}}
	f.diff = fakeDiff
}

// summary is a change as the list of a code review has it.
func summary(number int, project, subject string) doc {
	return doc{
		"number": number, "project": project, "branch": "main", "subject": subject, "owner": "ada", "status": "open", "patchset": 3,
		"url": fmt.Sprint("http://gozer.example.com/change/", number), "change_id": nil, "commit": "1f0c2d3e4b5a69788796a5b4c3d2e1f001122334",
		"created": exact(3 * time.Hour), "updated": exact(20 * time.Minute), "votes": []doc{}, "missing": []string{},
	}
}

// exact is a time in the form of the code review: with a zone.
func exact(ago time.Duration) string { return time.Now().Add(-ago).UTC().Format(time.RFC3339) }

// stamp is a time in the form of the history: UTC without a zone.
func stamp(ago time.Duration) string {
	return time.Now().Add(-ago).UTC().Format("2006-01-02T15:04:05")
}

func (f *fake) fillHistory() {
	jobs := []string{"build", "unit-tests", "integration-tests", "docs"}
	results := []any{"SUCCESS", "SUCCESS", "FAILURE", "SUCCESS", "TIMED_OUT", "SUCCESS", "ABORTED"}
	for i := range 40 {
		id := 40 - i
		set := doc{"uuid": fmt.Sprintf("%032x", 0xabc000+id)}
		change := doc{"project": "org/app", "branch": "main", "change": 12 + i/3, "patchset": "3", "ref": fmt.Sprintf("refs/changes/%02d/%d/3", 12+i/3, 12+i/3), "oldrev": nil, "newrev": nil, "ref_url": "http://gozer.example.com/change/12"}
		at := time.Duration(i*17+2) * time.Minute
		result := results[i%len(results)]
		row := doc{"_id": id, "uuid": set["uuid"], "result": result, "message": "Build " + strings.ToLower(fmt.Sprint(result)) + ".", "pipeline": []string{"gate", "check"}[i%2],
			"event_id": "e", "event_timestamp": stamp(at + 6*time.Minute), "first_build_start_time": stamp(at + 6*time.Minute), "last_build_end_time": stamp(at), "refs": []doc{change}}
		switch i {
		case 0:
			row["uuid"], row["result"], row["message"], row["last_build_end_time"] = passedSet, nil, nil, nil
		case 2:
			row["uuid"] = failedSet
		}
		f.buildsets = append(f.buildsets, row)
		for k := len(jobs) - 1; k >= 0; k-- {
			name := jobs[k]
			b := doc{"_id": id*4 + k, "uuid": fmt.Sprintf("%032x", 0xdef000+id*4+k), "job_name": name, "result": "SUCCESS", "held": false,
				"start_time": stamp(at + 6*time.Minute - time.Duration(k)*time.Minute), "end_time": stamp(at + time.Duration(k)*20*time.Second), "duration": float64(62 + 31*k), "voting": name != "docs",
				"log_url": nil, "nodeset": "debian", "error_detail": nil, "final": true, "artifacts": []doc{}, "provides": []doc{}, "ref": change,
				"pipeline": row["pipeline"], "event_id": "e", "event_timestamp": row["event_timestamp"], "buildset": doc{"uuid": row["uuid"]}}
			switch {
			case i == 0 && k == 1:
				b["uuid"], b["result"], b["end_time"], b["duration"] = runningBuild, nil, nil, nil
			case i == 2 && k == 1:
				b["uuid"], b["result"], b["log_url"] = failedBuild, "FAILURE", "http://127.0.0.1/logs/"+failedBuild+"/"
				b["artifacts"] = []doc{{"name": "Coverage", "url": "/logs/" + failedBuild + "/logs/coverage/index.html"}}
			case i == 4 && k == 1:
				b["uuid"], b["log_url"] = hugeBuild, "/logs/"+hugeBuild+"/"
			}
			f.builds = append(f.builds, b)
		}
	}
}

var failedConsole = consoleText()

func consoleText() string {
	var b strings.Builder
	b.WriteString("2026-11-20 14:00:01.120 | \x1b[1mPRE-RUN START: pre.sh\x1b[0m\n2026-11-20 14:00:02.310 | Using <b>org/app</b> at 1f0c2d3e & more\n2026-11-20 14:00:02.711 | \x1b[36mRUN START: unit-tests\x1b[0m\n")
	for i := range 180 {
		fmt.Fprintf(&b, "2026-11-20 14:00:%02d.000 | \x1b[32mok\x1b[0m   %3d  TestUpload/case_%03d  \x1b[2m(0.0%ds)\x1b[0m\n", 3+i/4, i+1, i, i%9)
	}
	b.WriteString("2026-11-20 14:00:51.002 | \x1b[31;1mFAIL\x1b[0m 181  TestUpload/resumes_after_a_cut  (2.31s)\n2026-11-20 14:00:51.003 |          upload_test.go:88: got 512 bytes, want 1024\n")
	b.WriteString("2026-11-20 14:00:51.100 | 1 failed, 180 passed\n2026-11-20 14:00:51.210 | \x1b[38;5;208mRUN END: exit status 1\x1b[0m\n")
	return b.String()
}

var fakeProjects = []doc{
	{"name": "config", "connection_name": "local", "canonical_name": "local/config", "type": "config"},
	{"name": "org/app", "connection_name": "local", "canonical_name": "local/org/app", "type": "untrusted"},
	{"name": "org/lib", "connection_name": "local", "canonical_name": "local/org/lib", "type": "untrusted"},
}

var fakeProject = doc{
	"name": "org/app", "connection_name": "local", "canonical_name": "local/org/app",
	"metadata": doc{"merge_mode": "merge-resolve", "default_branch": "main", "is_template": false, "queue_name": "integrated"},
	"configs": []doc{{"source_context": doc{"project": "org/app", "branch": "main", "path": "zuul.yaml"}, "is_template": false, "templates": []string{}, "queue_name": "integrated", "pipelines": []doc{
		{"name": "check", "jobs": [][]doc{{{"name": "build"}}, {{"name": "unit-tests", "dependencies": []doc{{"name": "build", "soft": false}}}}}},
		{"name": "gate", "jobs": [][]doc{{{"name": "build"}}, {{"name": "unit-tests", "dependencies": []doc{{"name": "build", "soft": false}}}}, {{"name": "docs", "voting": false}}}},
	}}},
}

var fakeJobs = []doc{
	{"name": "base", "description": "What all jobs share."},
	{"name": "build", "description": "Compiles everything.", "variants": []doc{{"parent": "base"}}},
	{"name": "integration-tests", "description": "Runs the services together.", "variants": []doc{{"parent": "unit-tests"}, {"parent": "unit-tests", "branches": []string{"stable"}}}},
	{"name": "noop", "description": "A job that always succeeds."},
	{"name": "unit-tests", "description": "Runs the tests of one project.", "variants": []doc{{"parent": "base"}}},
}

func fakeJob(name string) []doc {
	at := doc{"project": "config", "branch": "main", "path": "zuul.d/jobs.yaml"}
	return []doc{{
		"name": name, "parent": "base", "description": "Runs the tests of one project.", "variant_description": "", "branches": []string{}, "source_context": at,
		"run": []doc{{"path": "playbooks/unit.sh"}}, "pre_run": []doc{{"path": "playbooks/pre.sh"}}, "post_run": []doc{}, "timeout": 1800, "attempts": 3, "voting": true,
		"nodeset": doc{"name": "debian", "nodes": []doc{{"name": "node", "label": "debian"}}}, "variables": doc{"go_version": "1.26"}, "dependencies": []doc{{"name": "build", "soft": false}},
	}}
}

const fakeDiff = `diff --git a/upload/upload.go b/upload/upload.go
index 1111111..2222222 100644
--- a/upload/upload.go
+++ b/upload/upload.go
@@ -20,9 +20,14 @@ func (u *Uploader) Send(ctx context.Context, f File) error {
 	for {
-		err := u.once(ctx, f)
-		if err != nil {
-			return err
+		n, err := u.from(ctx, f, sent)
+		sent += n
+		if err == nil {
+			return nil
 		}
+		if !temporary(err) {
+			return fmt.Errorf("upload %s: %w", f.Name, err)
+		}
+		u.pause(ctx)
 	}
 }
diff --git a/upload/README.md b/upload/README.md
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/upload/README.md
@@ -0,0 +1,2 @@
+# Uploads
+They continue where they stopped.
`
