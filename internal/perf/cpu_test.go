package perf

import (
	"syscall"
	"testing"
	"time"
)

// cpuTime is the processor time of this process and of the children that it
// has waited for. Unlike the time on the wall it hardly depends on what else
// the machine does.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	sum := time.Duration(0)
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return sum
}

// reportCPU reports the processor time of one of n changes.
func reportCPU(b *testing.B, spent time.Duration, n int) {
	b.ReportMetric(spent.Seconds()*1000/float64(n), "cpu-ms/change")
}
