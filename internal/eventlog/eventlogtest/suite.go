// Package eventlogtest is the suite that every event log must pass.
package eventlogtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// Opener gives a test its log. Open returns an empty log; Reopen closes a log
// and returns the same one as the next process would find it. Both leave the
// cleaning up to t.
type Opener struct {
	Open   func(t *testing.T) eventlog.Log
	Reopen func(t *testing.T, l eventlog.Log) eventlog.Log
}

// Run runs the suite.
func Run(t *testing.T, o Opener) {
	for name, test := range map[string]func(*testing.T, Opener){
		"append and read":          appendAndRead,
		"empty":                    empty,
		"conflict":                 conflict,
		"invalid":                  invalid,
		"fields":                   fields,
		"read from":                readFrom,
		"read stops":               readStops,
		"read may append":          readMayAppend,
		"many tenants at once":     manyTenants,
		"races on one tenant":      races,
		"ended context":            endedContext,
		"blobs":                    blobs,
		"large records":            largeRecords,
		"reopen":                   reopen,
		"closed":                   closed,
		"memory is not kept":       memoryIsNotKept,
		"follow from the past":     followPast,
		"follow live":              followLive,
		"follow a tenant to be":    followEarly,
		"follow until cancel":      followCancel,
		"follow until close":       followClose,
		"follow and stop":          followStop,
		"many follow one appender": followMany,
		"verify":                   verify,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, o)
		})
	}
}

// Record returns the record that follows head, with a body made of its place.
func Record(t scheduler.TenantName, head eventlog.Head) eventlog.Record {
	seq := head.Seq + 1
	return eventlog.Record{
		Tenant: t, Seq: seq, Prev: head.Hash,
		Time:   time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC).Add(time.Duration(seq) * time.Millisecond),
		Inputs: []eventlog.InputMark{{Stream: "INPUT/1", Seq: 10 * seq}},
		Body:   fmt.Appendf(nil, `{"type":"item.moved/1","data":{"Item":"%s-%d"}}`+"\n", t, seq),
	}
}

// Append appends n records to a tenant and returns the new head.
func Append(t *testing.T, l eventlog.Log, name scheduler.TenantName, n int) eventlog.Head {
	t.Helper()
	head, err := l.Head(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		head = mustAppend(t, l, Record(name, head))
	}
	return head
}

func mustAppend(t *testing.T, l eventlog.Log, r eventlog.Record) eventlog.Head {
	t.Helper()
	head, err := l.Append(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if want := (eventlog.Head{Seq: r.Seq, Hash: r.Hash()}); head != want {
		t.Fatalf("append returned %v, want %v", head, want)
	}
	return head
}

// CheckAll reads a tenant's whole log and fails unless it is the gapless
// chain of n records that Record makes.
func CheckAll(t *testing.T, l eventlog.Log, name scheduler.TenantName, n uint64) {
	t.Helper()
	head, err := eventlog.Verify(t.Context(), l, name, func(r eventlog.Record) error {
		if want := fmt.Sprintf(`"%s-%d"`, name, r.Seq); !containsBytes(r.Body, want) {
			return fmt.Errorf("record %d has body %s", r.Seq, r.Body)
		}
		return nil
	})
	if err != nil || head.Seq != n {
		t.Errorf("tenant %s has %d records, %v; want %d", name, head.Seq, err, n)
	}
}

// within fails the test when something that is to happen soon does not.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}
