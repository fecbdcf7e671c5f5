package bolt

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/eventlogtest"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

func benchAppend(b *testing.B, writers int) {
	l := openNew(b)
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			var head eventlog.Head
			name := scheduler.TenantName(fmt.Sprint("tenant-", i))
			for left.Add(-1) >= 0 {
				r := eventlogtest.Record(name, head)
				r.Body = append(r.Body, make([]byte, 400)...)
				var err error
				if head, err = l.Append(context.Background(), r); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkAppendSerial(b *testing.B) { benchAppend(b, 1) }
func BenchmarkAppend64(b *testing.B)     { benchAppend(b, 64) }
func BenchmarkAppend512(b *testing.B)    { benchAppend(b, 512) }

const replayed = 100_000

// commit is a typical record's events: a build ends and the next one starts.
func commit(i int, graph *scheduler.JobGraph) []scheduler.Event {
	id := fmt.Sprintf("%032x", i)
	meta := scheduler.ItemPrepared{Item: scheduler.ItemID(id), Buildset: scheduler.BuildsetID(id), InPipeline: true, Graph: graph,
		State: []scheduler.RepoCommit{{Project: "local/org/project", Branch: "main", Commit: id, Base: id}}}
	return []scheduler.Event{
		scheduler.BuildCompleted{Build: scheduler.BuildID(id), Item: scheduler.ItemID(id), Buildset: scheduler.BuildsetID(id), Job: "unit-tests", Result: scheduler.ResultSuccess, LogURL: "/logs/" + id},
		meta,
		scheduler.BuildRequested{Build: scheduler.BuildID(id), Item: scheduler.ItemID(id), Buildset: scheduler.BuildsetID(id), Job: "unit-tests", Attempt: 1},
	}
}

// replayLog returns a log of that many records.
func replayLog(b *testing.B) *Log {
	b.Helper()
	l := openNew(b)
	codec := wire.NewCodec(nil)
	graph := &scheduler.JobGraph{Hash: "graph", Jobs: []scheduler.FrozenJob{{Name: "unit-tests", Voting: true, Attempts: 3}}}
	const tenants = 100
	var wg sync.WaitGroup
	for i := range tenants {
		wg.Go(func() {
			var head eventlog.Head
			name := scheduler.TenantName(fmt.Sprint("tenant-", i))
			for n := range replayed / tenants {
				r := eventlogtest.Record(name, head)
				body, blobs, err := codec.EncodeEvents(commit(n, graph))
				if err == nil {
					r.Body, r.Blobs = body, blobs
					head, err = l.Append(context.Background(), r)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return l
}

func benchReplay(b *testing.B, fn func(*Log, eventlog.Record) error) {
	l := replayLog(b)
	names, err := l.Tenants(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		n := 0
		for _, name := range names {
			err := l.Read(context.Background(), name, 1, func(r eventlog.Record, _ eventlog.Hash) error {
				n++
				return fn(l, r)
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		if n != replayed {
			b.Fatalf("%d records", n)
		}
	}
	b.ReportMetric(replayed*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkReplay100kRaw(b *testing.B) {
	benchReplay(b, func(*Log, eventlog.Record) error { return nil })
}

func BenchmarkReplay100kDecoded(b *testing.B) {
	var codec *wire.Codec
	benchReplay(b, func(l *Log, r eventlog.Record) error {
		if codec == nil {
			codec = wire.NewCodec(func(h scheduler.Hash) ([]byte, error) { return l.Blob(context.Background(), h) })
		}
		_, err := codec.DecodeEvents(r.Body)
		return err
	})
}

func BenchmarkOpen100k(b *testing.B) {
	l := replayLog(b)
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		n, err := Open(l.path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := n.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
