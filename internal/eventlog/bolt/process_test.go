package bolt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/eventlogtest"
	"github.com/gozer-ci/gozer/scheduler"
)

// childEnv makes the test binary a child that does what it names.
const childEnv = "GOZER_EVENTLOG_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "":
		os.Exit(m.Run())
	case "write":
		writeForEver(os.Args[1])
	case "fill":
		fillDisk(os.Args[1])
	}
}

// child starts the test binary as a child.
func child(t *testing.T, what, path string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], path)
	cmd.Env = append(os.Environ(), childEnv+"="+what)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

const writers = 4

func writer(i int) scheduler.TenantName { return scheduler.TenantName(fmt.Sprint("tenant-", i)) }

// writeForEver appends for several tenants and prints each acknowledgement.
func writeForEver(path string) {
	l, err := Open(path, Options{MarkEvery: 1})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			head, err := l.Head(context.Background(), writer(i))
			for err == nil {
				if head, err = l.Append(context.Background(), eventlogtest.Record(writer(i), head)); err == nil {
					fmt.Printf("%d %d\n", i, head.Seq) // one write each: lines do not mix
				}
			}
			fmt.Fprintln(os.Stderr, err)
		})
	}
	wg.Wait()
}

// TestKill kills a writer at random moments: what it acknowledged is there,
// in one intact chain.
func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.db")
	var acked [writers]uint64
	total := 0
	for round := range uint64(20) {
		cmd, out := child(t, "write", path)
		left := rand.New(rand.NewPCG(round, 3)).IntN(300)
		for lines := bufio.NewScanner(out); lines.Scan(); left-- {
			var i int
			var seq uint64
			if _, err := fmt.Sscan(lines.Text(), &i, &seq); err != nil {
				break // the last line may be cut off
			}
			if acked[i] = seq; left == 0 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			total++
		}
		_ = cmd.Wait() // it was killed
		l, err := Open(path, Options{})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for i, seq := range acked {
			head, err := l.Head(t.Context(), writer(i))
			if err != nil || head.Seq < seq {
				t.Errorf("round %d: %s is at %d, %v; %d were acknowledged", round, writer(i), head.Seq, err, seq)
			}
			eventlogtest.CheckAll(t, l, writer(i), head.Seq)
		}
		if err := errors.Join(l.Scrub(t.Context()), l.Close()); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
	}
	t.Logf("20 kills, %d acknowledgements, none lost", total)
	if total == 0 {
		t.Error("nothing was written")
	}
}

// fillDisk appends until a limit on the size of files stops it, shows that
// the log can be read, and goes on when the limit is lifted.
func fillDisk(path string) {
	signal.Ignore(syscall.SIGXFSZ)
	l, err := Open(path, Options{})
	exitOn(err)
	var limit syscall.Rlimit
	exitOn(syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	exitOn(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 3 << 20, Max: limit.Max}))
	ctx, head, before := context.Background(), eventlog.Head{}, uint64(0)
	for {
		r := eventlogtest.Record("acme", head)
		r.Body = append(r.Body, make([]byte, 3000)...)
		next, err := l.Append(ctx, r)
		if err == nil {
			head = next
			continue
		}
		if head.Seq < 50 || errors.Is(err, eventlog.ErrFatal) {
			exitOn(fmt.Errorf("after %d records: %w", head.Seq, err))
		}
		if before != 0 {
			exitOn(errors.New("it did not go on"))
		}
		got, err := eventlog.Verify(ctx, l, "acme", nil)
		exitOn(err)
		if got != head {
			exitOn(fmt.Errorf("read up to %d of %d", got.Seq, head.Seq))
		}
		before = head.Seq
		exitOn(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
		for range 100 {
			head, err = l.Append(ctx, eventlogtest.Record("acme", head))
			exitOn(err)
		}
		exitOn(errors.Join(l.Scrub(ctx), l.Close()))
		fmt.Println(before)
		return
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.db")
	cmd, out := child(t, "fill", path)
	var before uint64
	_, scanErr := fmt.Fscan(out, &before)
	if err := errors.Join(cmd.Wait(), scanErr); err != nil {
		t.Fatal(err)
	}
	l := open(t, path)
	if _, err := eventlog.Verify(t.Context(), l, "acme", nil); err != nil {
		t.Error(err)
	}
	if head, err := l.Head(t.Context(), "acme"); err != nil || head.Seq != before+100 {
		t.Errorf("head %d, %v; want %d", head.Seq, err, before+100)
	}
}

// TestNoSpaceInWrite has a write find no space although it was reserved.
func TestNoSpaceInWrite(t *testing.T) {
	t.Parallel()
	l := openNew(t)
	head := eventlogtest.Append(t, l, "acme", 5)
	whole := l.update
	full := &fs.PathError{Op: "write", Path: l.path, Err: syscall.ENOSPC}
	l.update = func(func(*bbolt.Tx) error) error { return full }
	if _, err := l.Append(t.Context(), eventlogtest.Record("acme", head)); !errors.Is(err, syscall.ENOSPC) || errors.Is(err, eventlog.ErrFatal) {
		t.Errorf("append: %v", err)
	}
	l.update = whole
	eventlogtest.Append(t, l, "acme", 5)
	eventlogtest.CheckAll(t, l, "acme", 10)
}
