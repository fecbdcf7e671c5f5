package executor_test

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/executor"
	"github.com/gozer-ci/gozer/scheduler"
)

func TestOutputFloodFailsOnlyItsBuild(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *executor.Config) { c.Limits.OutputBytes = 4 << 20 })
	flood := b.job(map[string]string{"run": "head -c 2G /dev/zero\n", "post": "echo collected\n"})
	m := b.send(flood)
	b.started(flood.Start.Build)
	got := b.completed(flood.Start.Build)
	await(t, m.acked, "acknowledgement")
	if got.Result != scheduler.ResultFailure || !strings.Contains(got.Detail, "output is limited to 4 MiB") {
		t.Errorf("got %+v", got)
	}
	console := b.console(flood.Start.Build)
	if len(console) < 4<<20 || len(console) > 5<<20 {
		t.Errorf("console has %d bytes", len(console))
	}
	last := console[strings.LastIndexByte(console[:len(console)-1], '\n')+1:]
	if !strings.Contains(last, "Job result: FAILURE: playbook run of local/org/app was stopped: output is limited to 4 MiB\n") {
		t.Errorf("last line is %q", last)
	}
	if !strings.Contains(console, "| collected\n") {
		t.Error("post-run was silenced")
	}
}

// TestOutputFloodKeepsMemoryFlat is not parallel, to have the heap for itself.
func TestOutputFloodKeepsMemoryFlat(t *testing.T) {
	b := setup(t, func(c *executor.Config) { c.Console = nil })
	r := b.job(map[string]string{"run": "yes '' | head -c 2G\n"})
	before := heap()
	if got := b.run(r); got.Result != scheduler.ResultFailure {
		t.Errorf("got %+v", got)
	}
	if grown := heap() - before; grown > 16<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

// heap is the memory that the heap ever took from the system.
func heap() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapSys)
}

func TestForkBombFailsOnlyItsBuild(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *executor.Config) { c.Limits.Tasks = 150 })
	bomb := b.job(map[string]string{"run": "#!/bin/bash\nbomb() { bomb | bomb & bomb; }\nbomb 2>/dev/null\n"})
	got := b.run(bomb)
	if got.Result != scheduler.ResultFailure || !strings.Contains(got.Detail, "more than 150 processes") {
		t.Errorf("got %+v", got)
	}
	next := b.request(&scheduler.FrozenJob{Name: "meek", Run: []scheduler.Playbook{{Project: own, Branch: "main", Path: "meek"}}, Attempts: 1},
		b.commit(own, map[string]string{"meek": "echo fine\n"}))
	if got := b.run(next); got.Result != scheduler.ResultSuccess {
		t.Errorf("the next build got %+v", got)
	}
}

func TestDiskQuota(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"many files":     "i=0; while :; do i=$((i+1)); head -c 1M /dev/zero > f$i; done\n",
		"one large file": "head -c 1G /dev/zero > large\n",
		"temporary file": "while :; do head -c 1M /dev/zero >> /tmp/f; done\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(c *executor.Config) { c.Limits.DiskBytes = 16 << 20 })
			r := b.job(map[string]string{"run": script, "post": "echo never\n", "clean": "echo cleaned\n"})
			r.Start.Job.PostRun = append(r.Start.Job.PostRun, scheduler.Playbook{Project: own, Branch: "main", Path: "clean", Cleanup: true})
			r.Start.Job.Timeout = patience
			got := b.run(r)
			if got.Result != scheduler.ResultDiskFull || got.Detail != "the workspace used more than 16 MiB" {
				t.Errorf("got %+v", got)
			}
			console := b.console(r.Start.Build)
			if strings.Contains(console, "| never") || !strings.Contains(console, "| cleaned") {
				t.Errorf("only cleanup may run:\n%s", console)
			}
		})
	}
}

func TestConsolePassesBytesThrough(t *testing.T) {
	t.Parallel()
	b := setup(t)
	nasty := "\x00\xff\xfe \x1b]0;title\x07 10%\r20%\r\xc3\x28 <script>"
	script := "#!/usr/bin/python3\nimport sys\no = sys.stdout.buffer\no.write(" + pythonBytes(nasty) + ")\no.write(b'\\n')\n" +
		"for i in range(300): o.write(b'x' * 65536)\no.write(b'\\nlast')\n"
	r := b.job(map[string]string{"run": script})
	if got := b.run(r); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v: %s", got, b.console(r.Start.Build))
	}
	console := b.console(r.Start.Build)
	if !strings.Contains(console, " | "+nasty+"\n") || !strings.Contains(console, " | "+strings.Repeat("x", 300*65536)+"\n") {
		t.Error("bytes differ")
	}
	if !bytes.Equal(b.sink.data[r.Start.Build], []byte(console)) || b.sink.bad != "" {
		t.Errorf("sink differs: %s", b.sink.bad)
	}
}

func pythonBytes(s string) string {
	var b strings.Builder
	b.WriteString("b'")
	for _, c := range []byte(s) {
		const hex = "0123456789abcdef"
		b.WriteString(`\x` + string(hex[c>>4]) + string(hex[c&15]))
	}
	return b.String() + "'"
}

// TestBlockedSinkDoesNotDelayBuilds has a sink that never answers while the
// build runs.
func TestBlockedSinkDoesNotDelayBuilds(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	b := setup(t)
	b.sink.fail = func() error { <-release; return nil }
	r := b.job(map[string]string{"run": "head -c 1M /dev/zero; echo; touch $ZUUL_LOG_ROOT/done\n"})
	m := b.send(r)
	b.started(r.Start.Build)
	begin := time.Now()
	archived := make(chan struct{})
	go func() {
		defer close(archived)
		for !b.store.Has(string(r.Start.Build)) && time.Since(begin) < patience {
			runtime.Gosched()
		}
	}()
	await(t, archived, "archived logs while the sink was blocked")
	close(release)
	if got := b.completed(r.Start.Build); got.Result != scheduler.ResultSuccess {
		t.Errorf("got %+v", got)
	}
	await(t, m.acked, "acknowledgement")
	if string(b.sink.data[r.Start.Build]) != b.console(r.Start.Build) {
		t.Error("the sink missed something")
	}
}
