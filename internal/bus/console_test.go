package bus_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/gozer-ci/gozer/internal/bus"
	"github.com/gozer-ci/gozer/scheduler"
)

func TestConsoleIsReadFromAnyOffset(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	write(t, b, "b1", 0, "hello ", false)
	write(t, b, "b1", 6, "world", false)
	write(t, b, "b1", 6, "world", false) // written again after a lost answer
	write(t, b, "b1", 8, "rld\n", true)
	for from, want := range map[int64]string{0: "hello world\n", 3: "lo world\n", 6: "world\n", 11: "\n", 12: "", 99: ""} {
		if got := readAll(t, b, "b1", from); got != want {
			t.Errorf("from %d: got %q, want %q", from, got, want)
		}
	}
}

func TestConsoleIsFollowedLiveByManyReaders(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	const readers = 50
	var begun, done sync.WaitGroup
	begun.Add(readers)
	write(t, b, "b1", 0, "0", false)
	for range readers {
		done.Go(func() {
			var got []byte
			for c, err := range b.ReadConsole(t.Context(), "b1", 0) {
				if err != nil {
					t.Error(err)
					return
				}
				if len(got) == 0 {
					begun.Done()
				}
				got = append(got, c.Data...)
			}
			if string(got) != "0123456789" {
				t.Errorf("got %q", got)
			}
		})
	}
	begun.Wait()
	for i := range 9 {
		write(t, b, "b1", int64(i+1), string(rune('1'+i)), i == 8)
	}
	done.Wait()
}

// A large console is longer than what a hub keeps in memory.
func TestLargeConsoleIsReadWhole(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	want := bytes.Repeat([]byte("0123456789abcde\n"), 8<<20/16)
	write(t, b, "b1", 0, string(want), true)
	pos := int64(0)
	for pos < int64(len(want)) {
		reached, err := readUntil(t, b, "b1", pos, want)
		if err != nil && !errors.Is(err, bus.ErrSlow) {
			t.Fatal(err)
		}
		if err != nil && reached == pos {
			t.Fatalf("no progress at %d: %v", pos, err)
		}
		pos = reached
	}
}

func TestSlowReaderIsDroppedAndNobodyWaits(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	write(t, b, "b1", 0, "first\n", false)
	var reached int64
	var dropped error
	for c, err := range b.ReadConsole(t.Context(), "b1", 0) {
		if err != nil {
			dropped = err
			break
		}
		if reached == 0 { // this reader rests while 4 MiB are written
			chunk := string(bytes.Repeat([]byte("x"), 64<<10))
			for i := range 64 {
				write(t, b, "b1", int64(6+i*len(chunk)), chunk, i == 63)
			}
			// The hub has read everything when a new reader sees the end.
			readAll(t, b, "b1", 6+4<<20)
		}
		reached = c.Offset + int64(len(c.Data))
	}
	if !errors.Is(dropped, bus.ErrSlow) {
		t.Fatalf("got %v at %d, want ErrSlow", dropped, reached)
	}
	if got := len(readAll(t, b, "b1", reached)); int64(got)+reached != 6+4<<20 {
		t.Errorf("coming back at %d gave %d bytes", reached, got)
	}
}

func TestReadConsoleEndsWithContextAndBus(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	write(t, b, "b1", 0, "x", false)
	for c, err := range b.ReadConsole(ctx, "b1", 0) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			break
		}
		_ = c
		cancel()
	}
	cancel()
	for _, err := range b.ReadConsole(t.Context(), "b1", 0) {
		if err != nil {
			if !errors.Is(err, bus.ErrClosed) {
				t.Errorf("got %v", err)
			}
			break
		}
		go b.Close()
	}
}

func TestDroppedConsoleIsGone(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	write(t, b, "b1", 0, "old", true)
	if err := b.DropConsole(t.Context(), "b1"); err != nil {
		t.Fatal(err)
	}
	write(t, b, "b1", 0, "new", true)
	if got := readAll(t, b, "b1", 0); got != "new" {
		t.Errorf("got %q", got)
	}
}

func write(t *testing.T, b *bus.Bus, build scheduler.BuildID, offset int64, data string, final bool) {
	t.Helper()
	if err := b.WriteConsole(t.Context(), build, offset, []byte(data), final); err != nil {
		t.Fatal(err)
	}
}

func readAll(t *testing.T, b *bus.Bus, build scheduler.BuildID, from int64) string {
	t.Helper()
	var out []byte
	for {
		slow := false
		for c, err := range b.ReadConsole(t.Context(), build, from) {
			if slow = errors.Is(err, bus.ErrSlow); slow {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, c.Data...)
			from = c.Offset + int64(len(c.Data))
		}
		if !slow {
			return string(out)
		}
	}
}

func readUntil(t *testing.T, b *bus.Bus, build scheduler.BuildID, from int64, want []byte) (int64, error) {
	t.Helper()
	for c, err := range b.ReadConsole(t.Context(), build, from) {
		if err != nil {
			return from, err
		}
		if c.Offset != from || !bytes.Equal(c.Data, want[from:from+int64(len(c.Data))]) {
			t.Fatalf("chunk at %d after %d has other bytes", c.Offset, from)
		}
		from += int64(len(c.Data))
	}
	return from, nil
}

func BenchmarkWriteConsole(b *testing.B) {
	bb, err := bus.Open(b.Context(), bus.Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer bb.Close()
	data := make([]byte, 4096)
	b.SetBytes(int64(len(data)))
	for i := int64(0); b.Loop(); i++ {
		if err := bb.WriteConsole(b.Context(), "b1", i*4096, data, false); err != nil {
			b.Fatal(err)
		}
	}
}
