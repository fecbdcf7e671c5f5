package command_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/command"
)

// listen serves a directory until the test ends.
func listen(t *testing.T, dir string, handle func(context.Context, command.Request) (any, error)) {
	t.Helper()
	l, err := command.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Serve(ctx, handle) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func echo(_ context.Context, r command.Request) (any, error) {
	if r.Command == "refuse" {
		return nil, fmt.Errorf("no, %s", strings.Join(r.Tenants, " and "))
	}
	return r, nil
}

func TestAskAndAnswer(t *testing.T) {
	t.Parallel()
	long := filepath.Join(t.TempDir(), strings.Repeat("very-long-name/", 10))
	if err := os.MkdirAll(long, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"short": t.TempDir(), "longer than a socket's name may be": long} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listen(t, dir, echo)
			var got command.Request
			if err := command.Ask(t.Context(), dir, command.Request{Command: "do", Tenants: []string{"a"}}, &got); err != nil {
				t.Fatal(err)
			}
			if got.Command != "do" || len(got.Tenants) != 1 {
				t.Errorf("got %+v", got)
			}
			err := command.Ask(t.Context(), dir, command.Request{Command: "refuse", Tenants: []string{"a", "b"}}, &got)
			var refusal *command.Refusal
			if !errors.As(err, &refusal) || refusal.Text != "no, a and b" {
				t.Errorf("got %v", err)
			}
			info, err := os.Stat(filepath.Join(dir, "command.sock"))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the socket is %v, %v", info, err)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	ask := func(dir string) error { return command.Ask(t.Context(), dir, command.Request{}, new(any)) }
	dir := t.TempDir()
	if err := ask(dir); !errors.Is(err, command.ErrNotRunning) {
		t.Errorf("got %v", err)
	}
	if err := ask(filepath.Join(dir, "absent")); !errors.Is(err, command.ErrNotRunning) {
		t.Errorf("got %v", err)
	}
	// As after a kill: the socket is there, its process is not.
	l, err := command.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := ask(dir); !errors.Is(err, command.ErrNotRunning) {
		t.Errorf("got %v", err)
	}
	listen(t, dir, echo)
	if err := ask(dir); err != nil {
		t.Errorf("the next process got %v", err)
	}
}

func TestAskEndsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	asked := make(chan struct{})
	listen(t, dir, func(ctx context.Context, _ command.Request) (any, error) {
		close(asked)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if err := command.Ask(ctx, dir, command.Request{}, new(any)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
