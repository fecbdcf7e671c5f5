// Package eventlog is the port of the log of record: per tenant one gapless,
// hash-chained sequence of commits, and the blobs that they refer to.
//
// Package memory keeps a log for tests and simulation, package bolt keeps one
// on a disk; eventlogtest is the suite that both pass.
package eventlog

import (
	"context"
	"iter"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Hash is the SHA-256 of an encoded record. The zero Hash precedes the first
// record of a tenant.
type Hash [32]byte

// InputMark says how far a tenant has consumed one stream of inputs.
type InputMark struct {
	// Stream is the stream's identity: its name and what tells this life of
	// it from another one of the same name.
	Stream string
	// Seq is the sequence of the last input consumed.
	Seq uint64
}

// Blob is an immutable value that records refer to by its hash, such as a
// layout or a job graph. A log stores each hash once; the first data stays.
type Blob struct {
	Hash scheduler.Hash
	// Data is nil in records that come out of a log; see Log.Blob.
	Data []byte
}

// Record is one commit: all that one settle of one tenant decided.
type Record struct {
	Tenant scheduler.TenantName
	// Seq counts the tenant's records from 1 without gaps.
	Seq  uint64
	Time time.Time
	// Prev is the hash of the record before; zero for the first.
	Prev Hash
	// Inputs are the streams' marks after this record.
	Inputs []InputMark
	// Body is the wire encoding of the events.
	Body []byte
	// Blobs that the body refers to. Those that the log has already may be
	// among them and cost nothing.
	Blobs []Blob
}

// Head is the last record of a tenant; zero before the first.
type Head struct {
	Seq  uint64
	Hash Hash
}

// Log is the log of record. All methods may be called from any goroutine.
//
// Durability: what Append acknowledged survives a kill and a power loss.
// Visibility: Read, Head, Follow and Blob show a record after it is durable
// and never before. Order: per tenant the sequence is total and equal for all
// readers; between tenants there is none.
type Log interface {
	// Append adds r, whose Seq and Prev must extend the tenant's head.
	// It returns the new head once r and its blobs are durable.
	//
	// Errors: ErrConflict when the head is another one; ErrInvalid when r can
	// never be appended; ErrUnknown when r may or may not be in the log, so
	// that the caller must read the tail before anything else; ErrFatal when
	// the log has stopped accepting records until it is opened again, with r
	// in it or not; ErrClosed. After any other error, such as a full disk or
	// an ended context, r is not in the log and the same r may be tried again.
	//
	// The log keeps nothing of r's memory after it returns. A context that
	// ends once the record is being written does not interrupt the write.
	Append(ctx context.Context, r Record) (Head, error)

	// Read calls fn with the tenant's records and their hashes in order, from
	// sequence from (0 counts as 1) up to the head at the time of the call. It
	// ends at fn's first error and returns it as it is. Each record is checked
	// against its checksum and its predecessor; a *DamageError tells of the
	// first that fails. The record belongs to fn. fn may call the log.
	Read(ctx context.Context, t scheduler.TenantName, from uint64, fn func(Record, Hash) error) error

	// Head returns the tenant's last durable record; zero for an unknown tenant.
	Head(ctx context.Context, t scheduler.TenantName) (Head, error)

	// Tenants returns the tenants that have records, in name order.
	Tenants(ctx context.Context) ([]scheduler.TenantName, error)

	// Blob returns the data of a blob, which belongs to the caller, or ErrNoBlob.
	Blob(ctx context.Context, h scheduler.Hash) ([]byte, error)

	// Follow yields the tenant's records from sequence from (0 counts as 1),
	// then waits for new ones. It ends without a word when ctx ends; every
	// other end is a last pair with an error, ErrClosed for a closed log. A
	// slow follower holds nobody up.
	Follow(ctx context.Context, t scheduler.TenantName, from uint64) iter.Seq2[Record, error]

	// Close waits for appends under way and releases the log. Later calls
	// return ErrClosed.
	Close() error
}
