package executor_test

import (
	"testing"

	"github.com/gozer-ci/gozer/scheduler"
)

// BenchmarkInstantBuild is a whole build whose job does nothing: what an
// executor adds to every job.
func BenchmarkInstantBuild(b *testing.B) {
	bench := setup(b)
	r := bench.job(map[string]string{"run": "exit 0\n"})
	for b.Loop() {
		r = bench.again(r)
		if got := bench.run(r); got.Result != scheduler.ResultSuccess {
			b.Fatalf("got %+v", got)
		}
	}
}
