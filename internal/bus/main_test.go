package bus_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/gozer-ci/gozer/internal/bus"
)

// publisherDir makes the test binary publish inputs there until it is killed.
const publisherDir = "GOZER_TEST_PUBLISH"

func TestMain(m *testing.M) {
	if dir := os.Getenv(publisherDir); dir != "" {
		publishForEver(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

// publishForEver prints the sequence of each acknowledged input.
func publishForEver(dir string) {
	ctx := context.Background()
	b, err := bus.Open(ctx, bus.Config{Dir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	out := bufio.NewWriter(os.Stdout)
	for i := 0; ; i++ {
		data := fmt.Sprintf("%d-%d", os.Getpid(), i)
		seq, err := b.PublishInput(ctx, "acme", data, []byte(data))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(out, seq, data)
		_ = out.Flush() // the reader is the parent; without it we are killed
	}
}

func open(t *testing.T, cfg bus.Config) *bus.Bus {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(testWriter{t}, nil))
	}
	b, err := bus.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Logf("%s", p)
	return len(p), nil
}
