package eventlog

import (
	"context"
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// Chain checks that records follow each other. The zero Chain with a Tenant
// expects the tenant's first record; set Head to begin elsewhere.
type Chain struct {
	Tenant scheduler.TenantName
	Head   Head
}

// Next checks that r with hash h extends the chain, and moves the head to it.
// The error is a *DamageError.
func (c *Chain) Next(r Record, h Hash) error {
	want := c.Head.Seq + 1
	reason := ""
	switch {
	case r.Tenant != c.Tenant:
		reason = fmt.Sprintf("it belongs to tenant %q", r.Tenant)
	case r.Seq != want:
		reason = fmt.Sprintf("record %d stands in its place", r.Seq)
	case r.Prev != c.Head.Hash:
		reason = fmt.Sprintf("it names %x as the hash of the record before, which is %x", r.Prev[:8], c.Head.Hash[:8])
	}
	if reason != "" {
		return &DamageError{Tenant: c.Tenant, Seq: want, Reason: reason}
	}
	c.Head = Head{Seq: r.Seq, Hash: h}
	return nil
}

// Verify reads all records of a tenant, checks that they form one chain up to
// the head and that their blobs are there, and calls fn, which may be nil,
// with each. It returns the head that it reached.
func Verify(ctx context.Context, l Log, t scheduler.TenantName, fn func(Record) error) (Head, error) {
	want, err := l.Head(ctx, t)
	if err != nil {
		return Head{}, err
	}
	chain := Chain{Tenant: t}
	seen := map[scheduler.Hash]bool{}
	err = l.Read(ctx, t, 1, func(r Record, h Hash) error {
		if err := chain.Next(r, h); err != nil {
			return err
		}
		for _, b := range r.Blobs {
			if seen[b.Hash] {
				continue
			}
			seen[b.Hash] = true
			if _, err := l.Blob(ctx, b.Hash); err != nil {
				return &DamageError{Tenant: t, Seq: r.Seq, Reason: "blob " + string(b.Hash), Err: err}
			}
		}
		if fn == nil {
			return nil
		}
		return fn(r)
	})
	if err == nil && chain.Head.Seq < want.Seq {
		err = &DamageError{Tenant: t, Seq: chain.Head.Seq + 1,
			Reason: fmt.Sprintf("the log ends here and its head is %d", want.Seq)}
	}
	return chain.Head, err
}
