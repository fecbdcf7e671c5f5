package perf

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/eventlog/bolt"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// replayed is how many commits are one replay; shorter logs are read as often
// as it takes.
const replayed = 100_000

// history is a log that a server wrote.
type history struct {
	log   *bolt.Log
	codec *wire.Codec
	head  eventlog.Head
}

// write lets a server merge changes as they come in real life, one after the
// other, and opens its log.
func write(b *testing.B) *history {
	b.Helper()
	const changes = 500
	projects := projectNames(4)
	files := map[string]string{"config": gate(onApproval, "")}
	for _, p := range projects {
		files[p] = stanza("shared", "noop")
	}
	m := newMemory(files)
	s, stop := start(b, projects, app.Parts{Sources: []source.Source{m}, Merger: m})
	for n := 1; n <= changes; n++ {
		m.approve(n, projects[n%len(projects)])
		<-m.merged
	}
	s.merged(changes)
	stop()
	l, err := bolt.Open(filepath.Join(s.dir, "data", "log", "log.db"), bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := l.Close(); err != nil {
			b.Error(err)
		}
	})
	h := &history{log: l}
	h.codec = wire.NewCodec(func(x scheduler.Hash) ([]byte, error) { return l.Blob(context.Background(), x) })
	if h.head, err = l.Head(b.Context(), tenant); err != nil {
		b.Fatal(err)
	}
	return h
}

// each reads the log from the start as often as it takes to read that many
// commits; begin is called before each time.
func (h *history) each(b *testing.B, commits uint64, begin func(), fn func(r eventlog.Record, hash eventlog.Hash, events []scheduler.Event) error) {
	b.Helper()
	for read := uint64(0); read < commits; read += h.head.Seq {
		begin()
		err := h.log.Read(b.Context(), tenant, 1, func(r eventlog.Record, hash eventlog.Hash) error {
			events, err := h.codec.DecodeEvents(r.Body)
			if err != nil {
				return err
			}
			return fn(r, hash, events)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReplay reads 100,000 commits of merges, as a start without snapshot
// does: each is checked against the hash chain, decoded and folded.
func BenchmarkReplay(b *testing.B) {
	h := write(b)
	var state *scheduler.State
	for b.Loop() {
		h.each(b, replayed, func() { state = scheduler.NewState(tenant) },
			func(_ eventlog.Record, _ eventlog.Hash, events []scheduler.Event) error {
				scheduler.Fold(state, events)
				return nil
			})
	}
	b.ReportMetric(float64(b.N)*replayed/b.Elapsed().Seconds(), "commits/s")
}

// BenchmarkRebuild fills read models anew from a log, in transactions of the
// size that the server uses.
func BenchmarkRebuild(b *testing.B) {
	h := write(b)
	for b.Loop() {
		b.StopTimer()
		models, err := store.Open(filepath.Join(b.TempDir(), "models.db"), store.Options{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		var batch []store.Commit
		apply := func() {
			if err := models.Apply(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
		h.each(b, 1, func() {}, func(r eventlog.Record, hash eventlog.Hash, events []scheduler.Event) error {
			batch = append(batch, store.Commit{Tenant: tenant, Seq: r.Seq, Hash: hash, Time: r.Time, Events: events})
			if len(batch) == 1024 {
				apply()
			}
			return nil
		})
		apply()
		b.StopTimer()
		if err := models.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(uint64(b.N)*h.head.Seq)/b.Elapsed().Seconds(), "commits/s")
}
