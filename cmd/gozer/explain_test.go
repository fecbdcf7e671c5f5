package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/internal/explain"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	var s *server
	var then, running, done string
	dir := t.TempDir()
	t.Run("a running server", func(t *testing.T) {
		s = serveIn(t, dir)
		flag := s.working(t)
		await(t, "the event of the push arrived", func() bool {
			_, out, _ := s.gozer(t, "explain", "1")
			return strings.Contains(out, "no trigger of a pipeline matched") && strings.Contains(out, "Event patchset-created of 1,1 of org/app arrived")
		})
		s.ok(t, "enqueue", "try", "1")
		uuid := s.running(t)
		then = time.Now().UTC().Format(time.RFC3339Nano)
		running = s.ok(t, "explain", "1")
		wants(t, running, "It is number 1 of 1 in pipeline try", "unit runs on executor", "1,1 of org/app entered try, because: enqueued by alice", "unit was requested")
		wants(t, s.ok(t, "explain", uuid[:12]), "build "+uuid, "unit runs on executor")
		item := decode[explain.Document](t, s.ok(t, "explain", "1,1", "--pipeline", "try", "-o", "json")).Items[0]
		wants(t, s.ok(t, "explain", string(item.ID)), "item "+string(item.ID), "unit runs on executor")

		if err := os.WriteFile(flag, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		await(t, "the build has ended", func() bool { return strings.Contains(s.ok(t, "builds"), "SUCCESS") })
		await(t, "the pipeline is empty", func() bool { return strings.Contains(s.ok(t, "status"), "nothing to do") })
		done = s.ok(t, "explain", "1", "-o", "json")
		wants(t, done, "It is in no pipeline: it left try at", "because it succeeded")
		wants(t, s.ok(t, "explain", uuid), "unit ended with SUCCESS")

		wants(t, s.ok(t, "explain", "1", "--at", then), "unit runs on executor", "at "+then[:10])
		wants(t, s.ok(t, "status", "--at", then), "try", "org/app 1,1", "unit runs")
		wants(t, s.ok(t, "status"), "nothing to do")
		for args, want := range map[string]string{
			"explain 1 --at 2020-01-01T00:00:00Z": "began later",
			"explain 1 --at 4102444800":           "in the future",
			"explain 99":                          "nothing of it",
			"explain a-b":                         "project@branch",
			"status --at 1":                       "began later",
		} {
			if code, _, stderr := s.gozer(t, strings.Fields(args)...); code != exitRefused || !strings.Contains(stderr, want) {
				t.Errorf("gozer %s: exit code %d, %s", args, code, stderr)
			}
		}
		if code, _, stderr := s.gozer(t, "explain", "1", "--at", "noon"); code != exitMisused || !strings.Contains(stderr, "no time") {
			t.Errorf("noon: exit code %d, %s", code, stderr)
		}
		elsewhere := &server{url: "http://127.0.0.1:1", token: s.token} // the data directory tells where its server is
		wants(t, elsewhere.ok(t, "explain", "1", "--data", filepath.Join(dir, "data")), "It is in no pipeline")
	})

	// The data directory of a server that has stopped tells the same.
	data := filepath.Join(dir, "data")
	offline := s.ok(t, "explain", "1", "--data", data, "--at", then)
	wants(t, offline, "unit runs on executor")
	got, want := decode[explain.Document](t, s.ok(t, "explain", "1", "--data", data, "-o", "json")), decode[explain.Document](t, done)
	got.At, got.Seq = want.At, want.Seq // stopping leaves records too
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("offline it differs (-server +offline):\n%s", d)
	}
	if code, _, stderr := s.gozer(t, "explain", "1", "--data", data, "--tenant", "amce"); code != exitRefused || !strings.Contains(stderr, "acme") {
		t.Errorf("a misspelt tenant: exit code %d, %s", code, stderr)
	}
	if code, _, stderr := s.gozer(t, "explain", "1", "--data", filepath.Join(dir, "none")); code != exitRefused || !strings.Contains(stderr, "the data directory") {
		t.Errorf("no data directory: exit code %d, %s", code, stderr)
	}
}
