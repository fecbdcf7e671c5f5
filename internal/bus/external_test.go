package bus_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/gozer-ci/gozer/internal/bus"
)

// broker starts a NATS server of somebody else's on a port; 0 takes a free one.
func broker(t *testing.T, dir string, port int) (*server.Server, int) {
	t.Helper()
	if port == 0 {
		port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true, Username: "gozer", Password: "secret",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(30 * time.Second) {
		t.Fatal("broker does not start")
	}
	return s, s.Addr().(*net.TCPAddr).Port
}

func TestExternalServerComesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, port := broker(t, dir, 0)
	b := open(t, bus.Config{URL: s.ClientURL(), Username: "gozer", Password: "secret"})
	if b.ListenAddr() != "" {
		t.Error("an embedded server runs too")
	}
	in, err := b.Inputs(t.Context(), "acme", 0)
	if err != nil {
		t.Fatal(err)
	}
	results, err := b.Results(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	q := serve(t, b)
	round := func(id string) {
		t.Helper()
		persist(t, func(ctx context.Context) error {
			_, err := b.PublishInput(ctx, "acme", id, []byte(id))
			return err
		})
		if m := <-in.C; m.ID != id {
			t.Errorf("input %+v, want %s", m, id)
		}
		persist(t, func(ctx context.Context) error { return b.PublishWork(ctx, "build", "", 200, id, []byte(id)) })
		task := next(t, q)
		if string(task.Data) != id {
			t.Errorf("task %s, want %s", task.Data, id)
		}
		if err := task.Ack(); err != nil {
			t.Error(err)
		}
		persist(t, func(ctx context.Context) error { return b.PublishResult(ctx, "acme", []byte(id)) })
		r := <-results.C
		if string(r.Data) != id {
			t.Errorf("result %s, want %s", r.Data, id)
		}
		r.Ack()
	}
	round("before")
	s.Shutdown()
	s.WaitForShutdown()
	persist(t, func(context.Context) error {
		if b.Err() == nil {
			return errors.New("the lost connection is not noticed")
		}
		return nil
	})
	broker(t, dir, port)
	round("after")
	write(t, b, "b1", 0, "hello", true)
	if got := readAll(t, b, "b1", 0); got != "hello" {
		t.Errorf("console %q", got)
	}
}

// persist tries until it succeeds or the test ends.
func persist(t *testing.T, f func(context.Context) error) {
	t.Helper()
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		err := f(ctx)
		cancel()
		if err == nil {
			return
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
}

func TestUnreachableExternalServer(t *testing.T) {
	t.Parallel()
	if b, err := bus.Open(t.Context(), bus.Config{URL: "nats://127.0.0.1:1"}); err == nil {
		t.Error(b.Close())
	}
}
