package perf

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// isMerged asks the code review whether a change has merged.
func (s *server) isMerged(number int) bool {
	s.b.Helper()
	resp, err := http.Get(fmt.Sprintf("%s/api/connection/local/changes/%d", s.url, number))
	if err != nil {
		s.b.Fatal(err)
	}
	defer resp.Body.Close()
	var change struct{ Status string }
	if err := json.NewDecoder(resp.Body).Decode(&change); err != nil {
		s.b.Fatal(err)
	}
	return change.Status == "merged"
}

// lookEvery is how often a change is looked at: the resolution of what is
// measured, and with shorter ones looking would cost more than the change.
const lookEvery = 4 * time.Millisecond

func (s *server) awaitMerged(number int) {
	s.b.Helper()
	s.await(fmt.Sprintf("change %d to merge", number), lookEvery, func() bool { return s.isMerged(number) })
}

// BenchmarkOneChange is a change alone in an idle server: from the approving
// vote, or from the start of git push, to merged, with a job that needs no
// executor and with a program in a sandbox that ends at once.
func BenchmarkOneChange(b *testing.B) {
	for _, job := range []string{"noop", "instant"} {
		b.Run("vote-to-merged/"+job, func(b *testing.B) {
			s, clones := gated(b, gate(onApproval, ""), projectNames(1), "", job)
			oneByOne(b, s, func(number int) func() {
				clones[0].changes(number-1, 1)
				return func() { s.approve(number) }
			})
		})
		b.Run("push-to-merged/"+job, func(b *testing.B) {
			s, clones := gated(b, gate(onPush, approving), projectNames(1), "", job)
			oneByOne(b, s, func(number int) func() {
				c := clones[0]
				c.git("fetch", "-q", "origin", "main")
				c.git("checkout", "-q", "--detach", "FETCH_HEAD")
				c.write(fmt.Sprintf("file-%d", number), "content\n")
				c.git("add", "-A")
				c.git("commit", "-q", "-m", fmt.Sprintf("Change %d", number))
				return func() { c.git("push", "-q", "origin", "HEAD:refs/for/main") }
			})
		})
	}
}

// oneByOne measures one change after the other: prepare makes what act then
// sets off.
func oneByOne(b *testing.B, s *server, prepare func(number int) (act func())) {
	b.Helper()
	var took []time.Duration
	number := 0
	var spent time.Duration
	one := func() time.Duration {
		number++
		act := prepare(number)
		spent -= cpuTime(b)
		began := time.Now()
		act()
		s.awaitMerged(number)
		spent += cpuTime(b)
		return time.Since(began)
	}
	one() // starts the git processes that live on
	spent = 0
	for b.Loop() {
		took = append(took, one())
	}
	reportCPU(b, spent, len(took))
	reportTimes(b, took)
}
