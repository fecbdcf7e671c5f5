package eventlogtest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/gozer-ci/gozer/internal/eventlog"
)

func readFrom(t *testing.T, o Opener) {
	l := o.Open(t)
	Append(t, l, "acme", 10)
	Append(t, l, "acme2", 3)
	for from, want := range map[uint64]uint64{0: 1, 1: 1, 2: 2, 10: 10, 11: 0, 1000: 0} {
		first, last := uint64(0), uint64(0)
		err := l.Read(t.Context(), "acme", from, func(r eventlog.Record, _ eventlog.Hash) error {
			if first == 0 {
				first = r.Seq
			}
			last = r.Seq
			return nil
		})
		if err != nil || first != want || (want > 0 && last != 10) {
			t.Errorf("from %d: %d to %d, %v; want %d to 10", from, first, last, err, want)
		}
	}
}

func readStops(t *testing.T, o Opener) {
	l := o.Open(t)
	Append(t, l, "acme", 10)
	stop := errors.New("enough")
	seen := 0
	err := l.Read(t.Context(), "acme", 1, func(r eventlog.Record, _ eventlog.Hash) error {
		if seen++; r.Seq == 3 {
			return stop
		}
		return nil
	})
	if err != stop || seen != 3 {
		t.Errorf("stopped after %d with %v", seen, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = l.Read(ctx, "acme", 1, func(eventlog.Record, eventlog.Hash) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

// readMayAppend calls the log from inside a read.
func readMayAppend(t *testing.T, o Opener) {
	l := o.Open(t)
	Append(t, l, "acme", 5)
	err := l.Read(t.Context(), "acme", 1, func(eventlog.Record, eventlog.Hash) error {
		Append(t, l, "acme", 1)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	CheckAll(t, l, "acme", 10)
}

// follow collects n sequences and fails unless they begin at from.
func follow(t *testing.T, l eventlog.Log, from uint64, n int) {
	t.Helper()
	next := from
	for r, err := range l.Follow(within(t), "acme", from) {
		if err != nil {
			t.Error(err)
			return
		}
		if r.Seq != next {
			t.Errorf("followed to %d, want %d", r.Seq, next)
			return
		}
		next++
		if n--; n == 0 {
			return
		}
	}
	t.Errorf("the follower ended before %d", next)
}

func followPast(t *testing.T, o Opener) {
	l := o.Open(t)
	Append(t, l, "acme", 1500)
	follow(t, l, 1, 1500)
	follow(t, l, 1499, 2)
}

func followLive(t *testing.T, o Opener) {
	l := o.Open(t)
	Append(t, l, "acme", 3)
	done := make(chan struct{})
	go func() {
		defer close(done)
		follow(t, l, 2, 102)
	}()
	Append(t, l, "acme", 100)
	<-done
}

func followEarly(t *testing.T, o Opener) {
	l := o.Open(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		follow(t, l, 3, 1)
	}()
	Append(t, l, "other", 4)
	Append(t, l, "acme", 3)
	<-done
	if names, err := l.Tenants(t.Context()); err != nil || len(names) != 2 {
		t.Errorf("tenants %v, %v", names, err)
	}
}

func followCancel(t *testing.T, o Opener) {
	l := o.Open(t)
	Append(t, l, "acme", 2)
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	seen := 0
	for _, err := range l.Follow(ctx, "acme", 1) {
		if err != nil {
			t.Error(err)
		}
		if seen++; seen == 2 {
			go cancel()
		}
	}
	if seen != 2 || ctx.Err() == nil {
		t.Errorf("ended after %d records, context: %v", seen, ctx.Err())
	}
	for range l.Follow(ctx, "acme", 1) {
		t.Error("a pair after the context ended")
	}
}

func followClose(t *testing.T, o Opener) {
	l := o.Open(t)
	Append(t, l, "acme", 1)
	var last error
	for _, err := range l.Follow(within(t), "acme", 1) {
		if last = err; err == nil {
			go func() { _ = l.Close() }()
		}
	}
	if !errors.Is(last, eventlog.ErrClosed) {
		t.Errorf("ended with %v, want closed", last)
	}
}

func followStop(t *testing.T, o Opener) {
	l := o.Open(t)
	Append(t, l, "acme", 10)
	for r := range l.Follow(within(t), "acme", 1) {
		if r.Seq == 3 {
			break
		}
	}
	follow(t, l, 4, 7)
}

func followMany(t *testing.T, o Opener) {
	l := o.Open(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { follow(t, l, 1, 200) })
	}
	Append(t, l, "acme", 200)
	wg.Wait()
}

func verify(t *testing.T, o Opener) {
	l := o.Open(t)
	want := Append(t, l, "acme", 30)
	got, err := eventlog.Verify(t.Context(), l, "acme", nil)
	if err != nil || got != want {
		t.Errorf("verified to %v, %v; want %v", got, err, want)
	}
	stop := errors.New("enough")
	if _, err := eventlog.Verify(t.Context(), l, "acme", func(eventlog.Record) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped with %v", err)
	}
}
