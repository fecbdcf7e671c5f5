package perf

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/source"
)

// waiting is how many items are in the gate while its status is read.
const waiting = 1000

// status reads the status document and returns its size on the wire and its
// ETag.
func (s *server) status(compressed bool, tag string) (size int64, etag string, code int) {
	s.b.Helper()
	r, err := http.NewRequestWithContext(s.b.Context(), http.MethodGet, s.url+"/api/tenant/"+tenant+"/status", nil)
	if err != nil {
		s.b.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	if compressed {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.b.Fatal(err)
	}
	defer resp.Body.Close()
	if size, err = io.Copy(io.Discard, resp.Body); err != nil {
		s.b.Fatal(err)
	}
	return size, resp.Header.Get("ETag"), resp.StatusCode
}

// BenchmarkStatusDocument reads the status of a gate with 1,000 items over
// HTTP: unchanged, as one more item has come, and with an ETag.
func BenchmarkStatusDocument(b *testing.B) {
	m := newMemory(map[string]string{"config": gate(onApproval, ""), "project-0": stanza("shared", "noop")})
	m.hold = make(chan struct{})
	s := serve(b, projectNames(1), app.Parts{Sources: []source.Source{m}, Merger: m})
	b.Cleanup(func() { close(m.hold) })
	for n := 1; n <= waiting; n++ {
		m.approve(n, "project-0")
	}
	s.await("1,000 items", 10*time.Millisecond, func() bool { return s.counter("gozer_commands_total") >= waiting+2 })
	for _, bc := range []struct {
		name       string
		compressed bool
	}{{"cached", false}, {"cached-gzip", true}} {
		b.Run(bc.name, func(b *testing.B) {
			var size int64
			for b.Loop() {
				size, _, _ = s.status(bc.compressed, "")
			}
			b.ReportMetric(float64(size)/1024, "KiB")
		})
	}
	b.Run("not-modified", func(b *testing.B) {
		_, tag, _ := s.status(true, "")
		for b.Loop() {
			if _, _, code := s.status(true, tag); code != http.StatusNotModified {
				b.Fatal(code)
			}
		}
	})
	number := waiting
	b.Run("after-a-commit", func(b *testing.B) {
		_, tag, _ := s.status(true, "")
		var took []time.Duration
		for range b.N {
			number++
			m.approve(number, "project-0")
			s.await(fmt.Sprintf("item %d", number), time.Millisecond, func() bool {
				began := time.Now()
				_, now, code := s.status(true, tag)
				if code == http.StatusNotModified {
					return false
				}
				took, tag = append(took, time.Since(began)), now
				return true
			})
		}
		reportTimes(b, took)
	})
}
