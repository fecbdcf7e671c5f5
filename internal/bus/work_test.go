package bus_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/gozer-ci/gozer/internal/bus"
)

func TestWorkIsServedInOrderOfPrecedence(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	for _, w := range []struct {
		precedence int
		id         string
	}{{300, "low"}, {200, "normal one"}, {100, "high"}, {200, "normal two"}} {
		work(t, b, w.precedence, w.id)
	}
	q := serve(t, b)
	for _, want := range []string{"high", "normal one", "normal two", "low"} {
		task := next(t, q)
		if string(task.Data) != want {
			t.Errorf("got %s, want %s", task.Data, want)
		}
		if err := task.Ack(); err != nil {
			t.Error(err)
		}
	}
}

func TestWorkIsNotQueuedTwiceWhileItRuns(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	q := serve(t, b)
	work(t, b, 200, "one")
	work(t, b, 200, "one")
	task := next(t, q)
	work(t, b, 200, "one")
	work(t, b, 300, "marker")
	if m := next(t, q); string(m.Data) != "marker" {
		t.Errorf("got %s while the first task ran", m.Data)
	}
	if err := b.PublishResult(t.Context(), "acme", []byte("done")); err != nil {
		t.Fatal(err)
	}
	if err := task.Ack(); err != nil {
		t.Fatal(err)
	}
}

func TestWorkGivenBackComesAgain(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	q := serve(t, b)
	work(t, b, 200, "one")
	task := next(t, q)
	if err := task.InProgress(); err != nil {
		t.Fatal(err)
	}
	if err := task.Nak(); err != nil {
		t.Fatal(err)
	}
	again := next(t, q)
	if string(again.Data) != "one" || again.Deliveries != 2 {
		t.Errorf("got %s, delivery %d", again.Data, again.Deliveries)
	}
}

func TestDroppedWorkIsNotServed(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	work(t, b, 100, "dropped")
	work(t, b, 300, "kept")
	if err := b.DropWork(t.Context(), "build", "dropped"); err != nil {
		t.Fatal(err)
	}
	if task := next(t, serve(t, b)); string(task.Data) != "kept" {
		t.Errorf("got %s", task.Data)
	}
}

func TestNextEndsWithItsContextAndTheBus(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	q := serve(t, b)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	ended := make(chan error)
	go func() {
		_, err := q.Next(context.Background())
		ended <- err
	}()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, bus.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestResultsComeAgainUntilAcknowledged(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	for _, data := range []string{"one", "two"} {
		if err := b.PublishResult(t.Context(), "acme", []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	r, err := b.Results(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"one", "two"} {
		if got := <-r.C; string(got.Data) != want {
			t.Errorf("got %s, want %s", got.Data, want)
		}
	}
	r.Close()
	again := resubscribe(t, b)
	for _, want := range []string{"one", "two"} {
		got := <-again.C
		if string(got.Data) != want {
			t.Errorf("got %s from the second subscription, want %s", got.Data, want)
		}
		got.Ack()
	}
	if err := b.PublishResult(t.Context(), "acme", []byte("three")); err != nil {
		t.Fatal(err)
	}
	// The server works on acknowledgements in its own time. One that a new
	// subscription overtakes is lost, and the result comes again.
	for {
		r := resubscribe(t, b)
		got := <-r.C
		if string(got.Data) == "three" {
			return
		}
		got.Ack()
		r.Close()
	}
}

func resubscribe(t *testing.T, b *bus.Bus) *bus.Results {
	t.Helper()
	r, err := b.Results(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCancelsReachListeners(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	got := make(chan bus.Cancel, 1)
	if err := b.Cancels(t.Context(), "build", func(c bus.Cancel) { got <- c }); err != nil {
		t.Fatal(err)
	}
	want := bus.Cancel{ID: "a b", Reason: "superseded"}
	if err := b.PublishCancel(t.Context(), "build", want.ID, want.Reason); err != nil {
		t.Fatal(err)
	}
	if c := <-got; c != want {
		t.Errorf("got %+v", c)
	}
}

func work(t *testing.T, b *bus.Bus, precedence int, id string) {
	t.Helper()
	if err := b.PublishWork(t.Context(), "build", "", precedence, id, []byte(id)); err != nil {
		t.Fatal(err)
	}
}

func serve(t *testing.T, b *bus.Bus) *bus.Work {
	t.Helper()
	q, err := b.Work(t.Context(), "build", "")
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func next(t *testing.T, q *bus.Work) *bus.Task {
	t.Helper()
	task, err := q.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func BenchmarkWork(b *testing.B) {
	bb, err := bus.Open(b.Context(), bus.Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer bb.Close()
	q, err := bb.Work(b.Context(), "build", "")
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if err := bb.PublishWork(b.Context(), "build", "", 200, strconv.Itoa(i), []byte("x")); err != nil {
			b.Fatal(err)
		}
		task, err := q.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if err := task.Ack(); err != nil {
			b.Fatal(err)
		}
	}
}

func TestWorkThatIsTooLarge(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{Limits: bus.Limits{MessageBytes: 1 << 20}})
	err := b.PublishWork(t.Context(), "build", "", 200, "1", make([]byte, 2<<20))
	if !errors.Is(err, bus.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}
