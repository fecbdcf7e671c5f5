package replica_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gozer-ci/gozer/internal/replica"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

func (b *bench) verifyConfig(models *store.Store, r *replica.Replica) replica.VerifyConfig {
	b.t.Helper()
	cfg := replica.VerifyConfig{Log: b.log, Snapshots: b.snaps, Decode: codec(b.log).DecodeEvents,
		Models: models, Dir: b.t.TempDir(), Logger: quiet()}
	if r != nil {
		cfg.View = r.View
	}
	return cfg
}

func (b *bench) verify(models *store.Store, r *replica.Replica) replica.Verification {
	b.t.Helper()
	v, err := replica.Verify(context.Background(), b.verifyConfig(models, r))
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// text is a line for each tenant and below it what differs.
func text(v replica.Verification) string {
	var out strings.Builder
	for i := range v.Tenants {
		t := &v.Tenants[i]
		fmt.Fprintf(&out, "%s: %t\n", t.Tenant, t.OK())
		for _, p := range t.Problems {
			fmt.Fprintln(&out, p)
		}
		for _, d := range t.Differences {
			fmt.Fprintln(&out, d)
		}
	}
	return out.String()
}

func TestVerifyFindsNothingOnWholeData(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill("one", 21, 80)
	b.fill("two", 22, 40)
	b.snapshotAt("one", 30)
	r, stop := b.run(b.config())
	b.arrive(r, "one")
	b.arrive(r, "two")
	v := b.verify(b.models, r)
	if !v.OK() || len(v.Tenants) != 2 {
		t.Fatalf("verification of whole data:\n%s", text(v))
	}
	one := v.Tenants[0]
	if one.Head != b.heads["one"] || one.Live != one.Head.Seq || one.Snapshot != 30 || one.Models != one.Head.Seq || one.Rows == 0 || one.Events == 0 {
		t.Errorf("verification: %+v", one)
	}
	stop()
	if v := b.verify(b.models, nil); !v.OK() {
		t.Errorf("offline verification:\n%s", text(v))
	}
}

func TestVerifyWhileTheLogGrows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill("one", 23, 60)
	r, _ := b.run(b.config())
	b.arrive(r, "one")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 50 {
			b.late(t, "one")
		}
	}()
	v := b.verify(b.models, r)
	<-done
	if !v.OK() {
		t.Errorf("verification of a growing log:\n%s", text(v))
	}
}

func TestVerifyWhileReadModelsAreFilledAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill("one", 26, 200)
	r, _ := b.run(b.config())
	b.arrive(r, "one")
	var once sync.Once
	cfg := b.verifyConfig(b.models, r)
	cfg.Decode = func(body []byte) ([]scheduler.Event, error) { // the replay has begun
		once.Do(func() { r.Rebuild("one", errors.New("a reader met a damaged row")) })
		return codec(b.log).DecodeEvents(body)
	}
	v, err := replica.Verify(t.Context(), cfg)
	if err != nil || !v.OK() {
		t.Errorf("verification beside a refill: %v\n%s", err, text(v))
	}
}

func TestVerifyTellsWhatDiffers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	commits := history(t, 24, 60)
	for _, events := range commits {
		b.append("one", events)
	}
	r, stop := b.run(b.config())
	b.arrive(r, "one")
	stop()

	other := newBench(t) // the same commits but for one result
	for _, events := range commits {
		changed := append([]scheduler.Event(nil), events...)
		for i, e := range changed {
			if c, ok := e.(scheduler.BuildStarted); ok {
				c.Executor = "elsewhere"
				changed[i] = c
			}
		}
		other.append("one", changed)
	}
	other.snapshotAt("one", uint64(len(commits)-20))
	wrong := other.snaps.list[0]
	b.snapshotAt("one", wrong.Seq)
	b.snaps.list[0].Data = append([]byte(nil), wrong.Data...)

	r, stop = other.run(other.config())
	other.arrive(r, "one")
	stop()

	v := b.verify(other.models, nil)
	out := text(v)
	if v.OK() {
		t.Fatalf("nothing found:\n%s", out)
	}
	for _, want := range []string{"one: false", "snapshot of commit", "the log has commit"} {
		if !strings.Contains(out, want) {
			t.Errorf("output lacks %q:\n%s", want, out)
		}
	}
}

func TestVerifyListsRowsThatDiffer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill("one", 25, 60)
	cfg := b.config()
	cfg.Models = failing{Store: b.models, fail: func(commits []store.Commit) error {
		for i := range commits { // a projection that got something wrong
			for n, e := range commits[i].Events {
				if c, ok := e.(scheduler.BuildStarted); ok {
					c.Executor = "elsewhere"
					commits[i].Events[n] = c
				}
			}
		}
		return nil
	}}
	r, stop := b.run(cfg)
	b.arrive(r, "one")
	stop()
	v := b.verify(b.models, nil)
	out := text(v)
	if v.OK() || len(v.Tenants[0].Differences) == 0 || !regexp.MustCompile(`builds \d+: is `).MatchString(out) {
		t.Errorf("differences:\n%s", out)
	}
}
