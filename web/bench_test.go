package web_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	gozer "github.com/gozer-ci/gozer"
)

// BenchmarkOpen is what parsing the contract adds to the start of a server.
func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := openapi3.NewLoader().LoadFromData(gozer.OpenAPI); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBuilds is a request with filters through router, checks and
// rendering, without a store.
func BenchmarkBuilds(b *testing.B) {
	s := benchServer(b, newLive())
	b.ReportAllocs()
	for b.Loop() {
		s.history.asked = nil
		s.get("/api/tenant/acme/builds?project=org/app&pipeline=gate&limit=10")
	}
}
