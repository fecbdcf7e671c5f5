package replica

import (
	"fmt"
	"io"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

// Verification is what Verify found.
type Verification struct {
	Tenants []TenantVerification
}

// TenantVerification is what Verify found about one tenant.
type TenantVerification struct {
	Tenant scheduler.TenantName
	// Head is the last record, Commits and Events count what was folded.
	Head    eventlog.Head
	Commits int
	Events  int
	// Snapshot and Models are the commits of the snapshot and of the read
	// models that were compared; 0 when there was none.
	Snapshot, Models uint64
	// Rows counts the rows of the rebuilt read models.
	Rows int
	// Problems are sentences; Differences are rows that differ, up to the limit.
	Problems    []string
	Differences []store.Difference
}

// OK reports whether nothing differs.
func (v *TenantVerification) OK() bool { return len(v.Problems) == 0 && len(v.Differences) == 0 }

// OK reports whether nothing differs.
func (v Verification) OK() bool {
	for i := range v.Tenants {
		if !v.Tenants[i].OK() {
			return false
		}
	}
	return true
}

// WriteTo writes v for people: a line for each tenant and below it what differs.
func (v Verification) WriteTo(w io.Writer) (int64, error) {
	out := counter{w: w}
	for i := range v.Tenants {
		v.Tenants[i].write(&out)
	}
	return out.n, out.err
}

func (v *TenantVerification) write(w io.Writer) {
	word := "ok"
	if !v.OK() {
		word = "DIFFERS"
	}
	fmt.Fprintf(w, "%s: %s: %d commits, %d events, head %d %x, snapshot %d, read models %d with %d rows\n",
		v.Tenant, word, v.Commits, v.Events, v.Head.Seq, v.Head.Hash[:8], v.Snapshot, v.Models, v.Rows)
	for _, p := range v.Problems {
		fmt.Fprintf(w, "  %s\n", p)
	}
	for _, d := range v.Differences {
		fmt.Fprintf(w, "  %s\n", d)
	}
}

func (v *verifier) problem(format string, args ...any) {
	v.out.Problems = append(v.out.Problems, fmt.Sprintf(format, args...))
}

// counter counts bytes and keeps the first error.
type counter struct {
	w   io.Writer
	n   int64
	err error
}

func (c *counter) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.w.Write(p)
	c.n += int64(n)
	c.err = err
	return n, err
}
