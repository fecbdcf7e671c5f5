package e2e

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

var (
	killTimes = flag.Int("kill.times", 6, "how often TestKill kills the server")
	killSeed  = flag.Uint64("kill.seed", 0, "seed of TestKill's moments; 0 takes a new one")
)

// Moments of kills, counted from when the server was ready.
const (
	killSoonest = 20 * time.Millisecond
	killLatest  = 1500 * time.Millisecond
	// killReady is how long a start takes where those moments fit; where starts
	// take longer the moments come later, or nothing would ever get done.
	killReady = 200 * time.Millisecond
	// killAtStart is how long a start that is killed may last.
	killAtStart = 120 * time.Millisecond
)

// TestKill kills the server at random moments while people push, approve and
// replace changes and builds run, and starts it again. What was accepted must
// be there after each start, and in the end everything as if nothing had been.
func TestKill(t *testing.T) {
	t.Parallel()
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-kill.times %d -kill.seed %d", *killTimes, seed)
	s := start(t, settings{yaml: "snapshots: {every: 40}\nlog: {level: debug}\n"})
	l := newLoad(s)
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err = l.kills(rand.New(rand.NewPCG(seed, 0)), *killTimes); err != nil {
			l.broken.Store(&err)
		}
	}()
	t.Cleanup(func() { <-done }) // before the server's own end
	for round := 0; running(done); round++ {
		l.round(round)
	}
	if err != nil {
		t.Fatal(err)
	}
	l.audit()
}

func running(done <-chan struct{}) bool {
	select {
	case <-done:
		return false
	default:
		return true
	}
}

// kills kills and restarts the server some times.
func (l *load) kills(random *rand.Rand, times int) error {
	slow := 1.0
	for i := range times {
		moment := time.Duration(slow * float64(killSoonest+time.Duration(random.Int64N(int64(killLatest-killSoonest)))))
		if random.IntN(2) == 0 {
			l.untilBuilding(l.s.t.Context())
		}
		if !pause(l.s.t.Context(), moment) {
			return nil
		}
		before := l.promises()
		l.s.kill()
		if i%10 == 0 {
			if out, err := l.s.gozer("admin", "verify-log"); err != nil {
				return fmt.Errorf("after kill %d: gozer admin verify-log: %w\n%s", i+1, err, out)
			}
		}
		if random.IntN(4) == 0 { // and once more before it is ready
			if _, err := l.s.spawn(); err != nil {
				return err
			}
			pause(l.s.t.Context(), time.Duration(random.Int64N(int64(killAtStart))))
			l.s.kill()
		}
		began := time.Now()
		if err := l.s.launch(); err != nil {
			return fmt.Errorf("after kill %d: %w", i+1, err)
		}
		slow = max(1, min(time.Since(began).Seconds()/killReady.Seconds(), 8))
		l.s.t.Logf("%s kill %d after %s: ready in %s, %d changes promised", began.Format("15:04:05.0"), i+1, moment.Round(time.Millisecond),
			time.Since(began).Round(time.Millisecond), len(before))
		if err := l.kept(before); err != nil {
			return fmt.Errorf("after kill %d: %w", i+1, err)
		}
	}
	return nil
}

// buildingLimit is how long a kill waits for builds to run.
const buildingLimit = 3 * time.Second

// untilBuilding waits a while for some build to run, so that kills meet builds
// on slow machines too.
func (l *load) untilBuilding(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, buildingLimit)
	defer cancel()
	_ = until(ctx, func() (bool, error) { // a kill at another moment is as good
		items, err := l.s.items(ctx, "acme", "gate")
		for _, it := range items {
			for _, j := range it.Jobs {
				if j.UUID != nil && j.Result == nil {
					return true, nil
				}
			}
		}
		return false, err
	})
}

// pause lets time pass; it reports false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// promise is what the server has acknowledged about one change.
type promise struct {
	commit   string // of the newest patchset that was accepted
	approved bool   // that patchset
	merged   bool   // somebody saw it merged
}

// promises copies what was acknowledged so far.
func (l *load) promises() map[int]promise {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[int]promise{}
	for n, p := range l.promised {
		out[n] = *p
	}
	return out
}

// promised records an acknowledgement.
func (l *load) promise(n int, note func(*promise)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.promised[n]
	if p == nil {
		p = &promise{}
		l.promised[n] = p
	}
	note(p)
}

// kept checks that everything acknowledged before a kill is still there.
func (l *load) kept(before map[int]promise) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for n, p := range before {
		var c changeDoc
		if err := l.s.call(ctx, "", "GET", changePath(n), nil, &c); err != nil {
			return fmt.Errorf("change %d is lost: %w", n, err)
		}
		has := false
		for _, ps := range c.Patchsets {
			has = has || ps.Commit == p.commit
		}
		switch {
		case !has:
			return fmt.Errorf("change %d lost the patchset %s", n, p.commit)
		case p.merged && c.Status != "merged":
			return fmt.Errorf("change %d was merged and is %s", n, c.Status)
		case p.approved && c.Commit == p.commit && (c.vote("Workflow", l.s.admin.name) != 1 || c.vote("Code-Review", l.s.admin.name) != 2):
			return fmt.Errorf("change %d lost votes: %v", n, c.Votes)
		}
	}
	return nil
}
