package tenants

import (
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// attacks are files that a hostile change may bring.
func attacks() map[string]string {
	var missing, cycle, manyJobs strings.Builder
	missing.WriteString("- project:\n    check:\n      jobs:\n")
	for i := range 20_000 {
		fmt.Fprintf(&cycle, "- job: {name: j%d, parent: j%d}\n", i, (i+1)%20_000)
		fmt.Fprintf(&missing, "        - missing%d\n", i)
		fmt.Fprintf(&manyJobs, "- job: {name: j%d, parent: k%d}\n", i, i)
	}
	bomb := "- &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		p := string(c - 1)
		bomb += fmt.Sprintf("- &%c [%s]\n", c, strings.Repeat("*"+p+", ", 9)+"*"+p)
	}
	return map[string]string{
		"alias bomb":       bomb,
		"self alias":       "- &a [*a]\n",
		"merge bomb":       "- &a {" + manyKeys(2000) + "}\n" + strings.Repeat("- {<<: *a}\n", 20_000),
		"flow nesting":     strings.Repeat("[", 200_000),
		"closed nesting":   strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999),
		"block nesting":    strings.Repeat("- ", 5_000) + "x\n",
		"indentation":      indented(1_200),
		"anchors":          strings.Repeat("- &a b\n", 50_000),
		"commas":           "[" + strings.Repeat("a,", 500_000) + "]",
		"comments":         strings.Repeat("- a #x\n", 140_000),
		"items":            strings.Repeat("- a\n", 24_000),
		"wrong items":      "- job:\n    name: x\n    files:\n" + strings.Repeat("      - [a]\n", 30_000),
		"long key":         strings.Repeat("k", 1_000_000) + ": a\n",
		"long scalar":      "- " + strings.Repeat("x", 1_000_000) + "\n",
		"no end":           "- job: {name: \"" + strings.Repeat("x", 500_000),
		"zero bytes":       strings.Repeat("\x00", 1000),
		"not utf-8":        "- job: {name: \"\xff\xfe\"}\n",
		"duplicate keys":   "- job: {" + strings.Repeat("name: x, ", 20_000) + "}\n",
		"regex":            "- job:\n    name: x\n    files: [" + regexes(3_000) + "]\n",
		"missing jobs":     missing.String(),
		"inheritance":      cycle.String(),
		"unknown parents":  manyJobs.String(),
		"nodesets":         nodesets(2_000),
		"fifty megabytes":  strings.Repeat("- job: {name: x}\n", 50<<20/17),
		"tags":             strings.Repeat("- !a b\n", 40_000),
		"required project": "- job:\n    name: x\n    run: [a]\n    required-projects: [gone, " + strings.Repeat("org/lib, ", 40_000) + "]\n",
	}
}

func regexes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"(?:[a-z]{1,9}){99}%d", `, i)
	}
	return b.String()
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1, ", i)
	}
	return b.String()
}

func indented(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// nodesets makes alternatives that double at each level.
func nodesets(n int) string {
	var b strings.Builder
	b.WriteString("- nodeset: {name: n0, nodes: []}\n")
	for i := range n {
		fmt.Fprintf(&b, "- nodeset: {name: n%d, alternatives: [n%d, n%d]}\n", i+1, i, i)
	}
	fmt.Fprintf(&b, "- job: {name: x, nodeset: n%d}\n", n)
	return b.String()
}

// cpuTime is what this thread used, whatever else the machine does.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestAttacks loads each hostile file beside a good project: it must be told,
// cost little, and not touch the other. It measures memory of the whole
// process, so it does not run beside others.
func TestAttacks(t *testing.T) { //nolint:paralleltest // measures the process
	const maxTime, maxBytes = 250 * time.Millisecond * slowdown, 192 << 20 * slowdown
	for name, data := range attacks() {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			best := time.Hour
			var before, after runtime.MemStats
			for range 3 { // other processes may disturb one run
				w := testWorld(t, map[string]string{
					"local/org/app@master/zuul.yaml": data,
					"local/org/lib@master/zuul.yaml": "- project:\n    check: {jobs: [base]}\n",
				})
				tenant := w.tenant(t)
				runtime.GC()
				runtime.ReadMemStats(&before)
				start := cpuTime(t)
				l, problems := tenant.Load(w.live)
				best = min(best, cpuTime(t)-start)
				runtime.ReadMemStats(&after)
				if !problems.HasErrors() {
					t.Error("no error was told")
				}
				if !l.Core().Projects["local/org/lib"].Pipelines["check"] {
					t.Error("the other project suffers")
				}
			}
			if best > maxTime {
				t.Errorf("took %v, want at most %v", best, maxTime)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > maxBytes {
				t.Errorf("allocated %d MB, want at most %d", used>>20, maxBytes>>20)
			}
			t.Logf("%v, %d kB", best, (after.TotalAlloc-before.TotalAlloc)>>10)
		})
	}
}
