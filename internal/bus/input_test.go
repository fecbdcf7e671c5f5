package bus_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/bus"
	"github.com/gozer-ci/gozer/scheduler"
)

func TestInputsComeInOrderAndOnce(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	for i := range 5 {
		publish(t, b, "acme", fmt.Sprint("id", i), fmt.Sprint("data", i))
		publish(t, b, "other tenant.*>", fmt.Sprint("id", i), "not for acme")
	}
	publish(t, b, "acme", "id3", "sent twice")
	in, err := b.Inputs(t.Context(), "acme", 2)
	if err != nil {
		t.Fatal(err)
	}
	for i := 2; i < 5; i++ {
		m := <-in.C
		if m.ID != fmt.Sprint("id", i) || string(m.Data) != fmt.Sprint("data", i) || m.Seq != uint64(i+1) {
			t.Errorf("input %d is %+v", i, m)
		}
	}
	publish(t, b, "acme", "live", "after the subscription")
	if m := <-in.C; m.ID != "live" {
		t.Errorf("live input is %+v", m)
	}
	in.Close()
	if m, open := <-in.C; open {
		t.Errorf("input %+v after Close", m)
	}
	if in.Err() != nil {
		t.Error(in.Err())
	}
}

func TestConsumedInputsMakeRoom(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{Limits: bus.Limits{InputBytes: 4096}})
	var last uint64
	var err error
	for i := 0; err == nil; i++ {
		var seq uint64
		if seq, err = b.PublishInput(t.Context(), "acme", fmt.Sprint(i), make([]byte, 256)); err == nil {
			last = seq
		}
	}
	if !errors.Is(err, bus.ErrFull) {
		t.Fatal(err)
	}
	in, err := b.Inputs(t.Context(), "acme", last)
	if err != nil {
		t.Fatal(err)
	}
	if seq := publish(t, b, "acme", "room", "again"); seq != last+1 {
		t.Errorf("sequence %d after %d", seq, last)
	}
	if m := <-in.C; m.ID != "room" {
		t.Errorf("input %+v", m)
	}
}

func TestInputsRefuseAShorterStream(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{})
	publish(t, b, "acme", "one", "1")
	if _, err := b.Inputs(t.Context(), "acme", 2); !errors.Is(err, bus.ErrShrank) {
		t.Errorf("got %v, want ErrShrank", err)
	}
}

func TestTrimmedInputsKeepTheirSequence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, bus.Config{Dir: dir})
	var last uint64
	for i := range 10 {
		last = publish(t, b, "acme", fmt.Sprint(i), "x")
	}
	id := streamID(t, b, "acme")
	if err := b.TrimInputs(t.Context(), "acme", last); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = open(t, bus.Config{Dir: dir})
	if again := streamID(t, b, "acme"); again != id {
		t.Errorf("stream is %s after restart, was %s", again, id)
	}
	if seq := publish(t, b, "acme", "new", "x"); seq != last+1 {
		t.Errorf("sequence after trim and restart is %d, want %d", seq, last+1)
	}
}

func TestFullStreamRefuses(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Config{Limits: bus.Limits{InputBytes: 4096}})
	var err error
	for i := range 100 {
		if _, err = b.PublishInput(t.Context(), "acme", fmt.Sprint(i), make([]byte, 256)); err != nil {
			break
		}
	}
	if !errors.Is(err, bus.ErrFull) {
		t.Errorf("got %v, want ErrFull", err)
	}
	publish(t, b, "other", "1", "another tenant is not disturbed")
}

func TestStartIsFast(t *testing.T) {
	t.Parallel()
	start := time.Now()
	b := open(t, bus.Config{})
	took := time.Since(start)
	t.Logf("ready after %v", took)
	if took > 2*time.Second {
		t.Errorf("ready after %v", took)
	}
	if b.ListenAddr() != "" {
		t.Errorf("a port is open: %s", b.ListenAddr())
	}
	if err := b.Err(); err != nil {
		t.Error(err)
	}
}

// Everything that was acknowledged is there after the process was killed.
func TestAcknowledgedInputsSurviveKills(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acked := map[uint64]string{}
	for kill := range 10 {
		publishAndKill(t, dir, 5+7*kill, acked)
	}
	b := open(t, bus.Config{Dir: dir})
	in, err := b.Inputs(t.Context(), "acme", 0)
	if err != nil {
		t.Fatal(err)
	}
	publish(t, b, "acme", "end", "end")
	for m := range in.C {
		if m.ID == "end" {
			break
		}
		if want, ok := acked[m.Seq]; ok && want != string(m.Data) {
			t.Errorf("input %d is %s, want %s", m.Seq, m.Data, want)
		}
		delete(acked, m.Seq)
	}
	if len(acked) > 0 {
		t.Errorf("%d acknowledged inputs are gone", len(acked))
	}
}

// publishAndKill lets another process publish until it acknowledged n inputs,
// kills it and notes what it acknowledged.
func publishAndKill(t *testing.T, dir string, n int, acked map[uint64]string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), publisherDir+"="+dir)
	cmd.Stderr = testWriter{t}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for i := 0; lines.Scan(); i++ {
		seq, data, ok := bytes.Cut(lines.Bytes(), []byte(" "))
		if !ok {
			break // cut off by the kill
		}
		number, err := strconv.ParseUint(string(seq), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		acked[number] = string(data)
		if i == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the publisher ended by itself")
	}
}

func publish(t *testing.T, b *bus.Bus, tenant scheduler.TenantName, id, data string) uint64 {
	t.Helper()
	seq, err := b.PublishInput(t.Context(), tenant, id, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func streamID(t *testing.T, b *bus.Bus, tenant scheduler.TenantName) string {
	t.Helper()
	id, err := b.InputStreamID(context.Background(), tenant)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func BenchmarkPublishInput(b *testing.B) {
	bb, err := bus.Open(b.Context(), bus.Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer bb.Close()
	data := make([]byte, 512)
	for i := 0; b.Loop(); i++ {
		if _, err := bb.PublishInput(b.Context(), "acme", strconv.Itoa(i), data); err != nil {
			b.Fatal(err)
		}
	}
}
