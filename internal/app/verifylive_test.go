package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const verifyLog = "/api/verify-log"

// verification is what a running server finds.
type verification struct {
	OK      bool `json:"ok"`
	Tenants []struct {
		Name                  string
		Head, Live, Models    uint64
		Commits, Rows         int
		Problems, Differences []string
	} `json:"tenants"`
}

func (s *server) verifyRunning(token string) (v verification) {
	s.t.Helper()
	a := s.want(s.call(token, "GET", verifyLog, ""), http.StatusOK)
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		s.t.Fatal(err)
	}
	return v
}

// noRemains looks for what verifications should have taken away.
func (s *server) noRemains() {
	s.t.Helper()
	if left, err := filepath.Glob(s.path("verify*")); err != nil || len(left) > 0 {
		s.t.Errorf("%v is left: %v", left, err)
	}
}

func TestVerifiedAtWork(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme})
	clone, root := s.acme(), s.token("root", "*")
	const changes = 12
	for i := range changes {
		clone.propose(files{fmt.Sprint("file", i): "x\n"})
	}
	for i := range changes {
		s.want(s.call(root, "POST", enqueue, fmt.Sprintf(`{"pipeline":"quick","change":"%d,1"}`, i+1)), http.StatusOK)
	}
	times := 0
	s.await("all is built", func() bool {
		v := s.verifyRunning(root)
		if !v.OK || len(v.Tenants) != 1 || v.Tenants[0].Live == 0 || v.Tenants[0].Rows == 0 || v.Tenants[0].Head < v.Tenants[0].Live {
			t.Fatalf("verification of a running server: %+v", v)
		}
		times++
		var list []build
		s.get("/api/tenant/acme/builds?pipeline=quick&result=SUCCESS", &list)
		return len(list) == changes
	})
	t.Logf("verified %d times", times)
	s.noRemains()
	s.awaitIdle("acme")
	s.end()
	s.clean()
}

func TestOneVerificationAtATime(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme})
	s.acme()
	root := s.token("root", "*")
	statuses := make(chan int, 16)
	var wg sync.WaitGroup
	for range cap(statuses) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL()+verifyLog+"?tenant=acme", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+root)
		wg.Go(func() {
			resp, err := s.client.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			statuses <- resp.StatusCode
		})
	}
	wg.Wait()
	close(statuses)
	found := map[int]int{}
	for status := range statuses {
		found[status]++
	}
	if found[http.StatusOK] == 0 || found[http.StatusOK]+found[http.StatusTooManyRequests] != cap(statuses) {
		t.Errorf("answers by status: %v", found)
	}
	s.noRemains()
	s.want(s.call(root, "GET", verifyLog+"?tenant=absent", ""), http.StatusNotFound, "absent")
	s.want(s.call(s.token("ada", "acme"), "GET", verifyLog, ""), http.StatusForbidden)
	s.want(s.call(s.token("ada", "acme"), "GET", verifyLog+"?tenant=acme", ""), http.StatusOK, `"ok":true`)
}

// TestRunningServerFindsDamage changes a row that nobody asks for: verifying
// finds it, and the read models are made anew.
func TestRunningServerFindsDamage(t *testing.T) {
	t.Parallel()
	stopped := worked(t)
	flip(t, stopped.path("models.db"), "SUCCESS")
	if err := os.Mkdir(stopped.path("verify"), 0o700); err != nil { // a killed verification's
		t.Fatal(err)
	}
	s := start(t, setup{dir: stopped.dir})
	s.noRemains()
	s.awaitReady("acme", "hold")
	root := s.token("root", "*")
	v := s.verifyRunning(root)
	// Commits that were not projected before the stop may meet the row first.
	met := strings.Contains(s.log.String(), "filled anew from the log")
	if !met || len(v.Tenants) != 1 || !v.OK && !strings.Contains(fmt.Sprint(v.Tenants[0].Problems), "damaged") {
		t.Errorf("the damage is not seen: %+v", v)
	}
	s.await("the read models are whole", func() bool { return s.verifyRunning(root).OK })
}
