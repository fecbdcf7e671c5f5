package eventlogtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

func containsBytes(b []byte, s string) bool { return bytes.Contains(b, []byte(s)) }

func appendAndRead(t *testing.T, o Opener) {
	l := o.Open(t)
	head := Append(t, l, "acme", 1200)
	got, err := l.Head(t.Context(), "acme")
	if err != nil || got != head || head.Seq != 1200 {
		t.Errorf("head %v, %v; want %v", got, err, head)
	}
	CheckAll(t, l, "acme", 1200)
}

func empty(t *testing.T, o Opener) {
	l := o.Open(t)
	if head, err := l.Head(t.Context(), "nobody"); err != nil || head != (eventlog.Head{}) {
		t.Errorf("head %v, %v", head, err)
	}
	err := l.Read(t.Context(), "nobody", 1, func(eventlog.Record, eventlog.Hash) error { return errors.New("a record") })
	if err != nil {
		t.Error(err)
	}
	if names, err := l.Tenants(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("tenants %v, %v", names, err)
	}
	if _, err := l.Blob(t.Context(), "b"); !errors.Is(err, eventlog.ErrNoBlob) {
		t.Errorf("blob: %v", err)
	}
}

func conflict(t *testing.T, o Opener) {
	l := o.Open(t)
	first := Append(t, l, "acme", 1)
	head := Append(t, l, "acme", 1)
	for name, r := range map[string]eventlog.Record{
		"first again": Record("acme", eventlog.Head{}),
		"old head":    Record("acme", first),
		"ahead":       Record("acme", eventlog.Head{Seq: 3, Hash: head.Hash}),
		"other hash":  Record("acme", eventlog.Head{Seq: 2, Hash: first.Hash}),
		"unknown":     Record("new", head),
	} {
		if _, err := l.Append(t.Context(), r); !errors.Is(err, eventlog.ErrConflict) {
			t.Errorf("%s: %v, want a conflict", name, err)
		}
	}
	CheckAll(t, l, "acme", 2)
	Append(t, l, "acme", 1)
	if names, err := l.Tenants(t.Context()); err != nil || !reflect.DeepEqual(names, []scheduler.TenantName{"acme"}) {
		t.Errorf("tenants %v, %v", names, err)
	}
}

func invalid(t *testing.T, o Opener) {
	l := o.Open(t)
	for name, change := range map[string]func(*eventlog.Record){
		"no tenant":         func(r *eventlog.Record) { r.Tenant = "" },
		"no sequence":       func(r *eventlog.Record) { r.Seq = 0 },
		"previous of first": func(r *eventlog.Record) { r.Prev[0] = 1 },
		"nameless blob":     func(r *eventlog.Record) { r.Blobs = []eventlog.Blob{{Data: []byte("x")}} },
		"absent blob":       func(r *eventlog.Record) { r.Blobs = []eventlog.Blob{{Hash: "absent"}} },
		"huge body":         func(r *eventlog.Record) { r.Body = make([]byte, eventlog.MaxRecordBytes) },
	} {
		r := Record("acme", eventlog.Head{})
		change(&r)
		if _, err := l.Append(t.Context(), r); !errors.Is(err, eventlog.ErrInvalid) {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	Append(t, l, "acme", 1)
}

func fields(t *testing.T, o Opener) {
	l := o.Open(t)
	var head eventlog.Head
	for _, want := range []eventlog.Record{
		{Tenant: "acme"},
		{Tenant: "acme", Time: time.Date(1969, 1, 2, 3, 4, 5, 6, time.UTC), Body: []byte{0, 255},
			Inputs: []eventlog.InputMark{{Stream: "", Seq: 0}, {Stream: "R/ä", Seq: 1<<64 - 1}}},
		{Tenant: "acme", Time: time.Date(2026, 1, 1, 0, 0, 0, 999999999, time.UTC)},
	} {
		want.Seq, want.Prev = head.Seq+1, head.Hash
		head = mustAppend(t, l, want)
		err := l.Read(t.Context(), "acme", want.Seq, func(got eventlog.Record, h eventlog.Hash) error {
			if !reflect.DeepEqual(got, want) || h != head.Hash {
				t.Errorf("got\n%+v\nwant\n%+v", got, want)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// manyTenants appends from a goroutine per tenant.
func manyTenants(t *testing.T, o Opener) {
	l := o.Open(t)
	const tenants, each = 20, 50
	var wg sync.WaitGroup
	for i := range tenants {
		name := scheduler.TenantName(fmt.Sprintf("tenant-%02d", i))
		wg.Go(func() {
			var head eventlog.Head
			for range each {
				next, err := l.Append(t.Context(), Record(name, head))
				if err != nil {
					t.Error(err)
					return
				}
				head = next
			}
		})
	}
	wg.Wait()
	names, err := l.Tenants(t.Context())
	if err != nil || len(names) != tenants {
		t.Fatalf("tenants %v, %v", names, err)
	}
	for _, name := range names {
		CheckAll(t, l, name, each)
	}
}

// races has several owners extend one tenant; for each sequence one must win.
func races(t *testing.T, o Opener) {
	l := o.Open(t)
	const owners, each = 8, 40
	var won atomic.Int64
	var wg sync.WaitGroup
	for range owners {
		wg.Go(func() {
			for wins := 0; wins < each; {
				head, err := l.Head(t.Context(), "acme")
				if err == nil {
					_, err = l.Append(t.Context(), Record("acme", head))
				}
				switch {
				case err == nil:
					wins++
					won.Add(1)
				case !errors.Is(err, eventlog.ErrConflict):
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if won.Load() != owners*each {
		t.Errorf("%d appends acknowledged, want %d", won.Load(), owners*each)
	}
	CheckAll(t, l, "acme", owners*each)
}

func endedContext(t *testing.T, o Opener) {
	l := o.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Append(ctx, Record("acme", eventlog.Head{})); !errors.Is(err, context.Canceled) {
		t.Errorf("append: %v", err)
	}
	if head, err := l.Head(t.Context(), "acme"); err != nil || head.Seq != 0 {
		t.Errorf("head %v, %v", head, err)
	}
	Append(t, l, "acme", 1)
}

func blobs(t *testing.T, o Opener) {
	l := o.Open(t)
	r := Record("acme", eventlog.Head{})
	r.Blobs = []eventlog.Blob{{Hash: "one", Data: []byte("first")}, {Hash: "two", Data: []byte{}}}
	head := mustAppend(t, l, r)
	r = Record("acme", head)
	r.Blobs = []eventlog.Blob{{Hash: "one", Data: []byte("other")}, {Hash: "two"}}
	mustAppend(t, l, r)
	l = o.Reopen(t, l)
	for h, want := range map[scheduler.Hash]string{"one": "first", "two": ""} {
		if got, err := l.Blob(t.Context(), h); err != nil || string(got) != want {
			t.Errorf("blob %s is %q, %v; want %q", h, got, err, want)
		}
	}
	if _, err := eventlog.Verify(t.Context(), l, "acme", func(r eventlog.Record) error {
		if want := []eventlog.Blob{{Hash: "one"}, {Hash: "two"}}; !reflect.DeepEqual(r.Blobs, want) {
			t.Errorf("record %d has blobs %v", r.Seq, r.Blobs)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func largeRecords(t *testing.T, o Opener) {
	l := o.Open(t)
	var head eventlog.Head
	for _, size := range []int{1, 4096, 65536, 5 << 20, 100} {
		r := Record("acme", head)
		r.Body = bytes.Repeat([]byte{byte(size)}, size)
		r.Blobs = []eventlog.Blob{{Hash: scheduler.Hash(fmt.Sprint(size)), Data: bytes.Repeat([]byte("b"), size)}}
		head = mustAppend(t, l, r)
	}
	l = o.Reopen(t, l)
	var sizes []int
	if _, err := eventlog.Verify(t.Context(), l, "acme", func(r eventlog.Record) error {
		sizes = append(sizes, len(r.Body))
		return nil
	}); err != nil || !reflect.DeepEqual(sizes, []int{1, 4096, 65536, 5 << 20, 100}) {
		t.Errorf("sizes %v, %v", sizes, err)
	}
}

func reopen(t *testing.T, o Opener) {
	l := o.Open(t)
	for i := range 5 {
		want := Append(t, l, "acme", 20)
		Append(t, l, "other", 1)
		l = o.Reopen(t, l)
		if head, err := l.Head(t.Context(), "acme"); err != nil || head != want {
			t.Fatalf("round %d: head %v, %v; want %v", i, head, err, want)
		}
	}
	CheckAll(t, l, "acme", 100)
	CheckAll(t, l, "other", 5)
}

func closed(t *testing.T, o Opener) {
	l := o.Open(t)
	Append(t, l, "acme", 1)
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	_, headErr := l.Head(t.Context(), "acme")
	_, appendErr := l.Append(t.Context(), Record("acme", eventlog.Head{}))
	_, tenantsErr := l.Tenants(t.Context())
	_, blobErr := l.Blob(t.Context(), "b")
	readErr := l.Read(t.Context(), "acme", 1, func(eventlog.Record, eventlog.Hash) error { return nil })
	for i, err := range []error{headErr, appendErr, tenantsErr, blobErr, readErr} {
		if !errors.Is(err, eventlog.ErrClosed) {
			t.Errorf("call %d: %v, want closed", i, err)
		}
	}
}

// memoryIsNotKept changes what was appended and what was read.
func memoryIsNotKept(t *testing.T, o Opener) {
	l := o.Open(t)
	r := Record("acme", eventlog.Head{})
	r.Blobs = []eventlog.Blob{{Hash: "b", Data: []byte("data")}}
	mustAppend(t, l, r)
	clear(r.Body)
	clear(r.Blobs[0].Data)
	for range 2 {
		err := l.Read(t.Context(), "acme", 1, func(r eventlog.Record, _ eventlog.Hash) error {
			clear(r.Body)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		data, err := l.Blob(t.Context(), "b")
		if err != nil || string(data) != "data" {
			t.Errorf("blob is %q, %v", data, err)
		}
		clear(data)
	}
	CheckAll(t, l, "acme", 1)
}
