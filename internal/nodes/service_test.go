package nodes_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/nodes"
	"github.com/gozer-ci/gozer/scheduler"
)

// bench is a service with a sandbox provider and what it answered.
type bench struct {
	*nodes.Service
	t       *testing.T
	answers chan scheduler.ProvidedNodes
}

func setup(t *testing.T, providers ...nodes.Provider) *bench {
	t.Helper()
	b := &bench{t: t, answers: make(chan scheduler.ProvidedNodes, 100)}
	b.Service = nodes.New(nodes.Config{
		Providers: providers, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Answer: func(_ scheduler.TenantName, c scheduler.ProvidedNodes) { b.answers <- c },
	})
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func sandbox(labels map[string]int) *nodes.Sandbox {
	return nodes.NewSandbox(labels, func(_ scheduler.TenantName, label string) bool { return label != "secret" })
}

func request(id string, priority int, labels ...string) scheduler.RequestNodes {
	r := scheduler.RequestNodes{Tenant: "acme", Request: scheduler.NodeRequestID(id), Priority: priority}
	for i, l := range labels {
		r.Nodeset.Nodes = append(r.Nodeset.Nodes, scheduler.Node{Name: fmt.Sprint("node", i), Label: l})
	}
	return r
}

// expect waits for answers, as "id:number of nodes" or "id:failed".
func (b *bench) expect(want ...string) {
	b.t.Helper()
	for _, w := range want {
		select {
		case c := <-b.answers:
			got := fmt.Sprintf("%s:%d", c.Request, len(c.Nodes))
			if c.Failed {
				got = fmt.Sprintf("%s:failed", c.Request)
			}
			if got != w {
				b.t.Errorf("answered %s %s, want %s", got, c.Detail, w)
			}
		case <-time.After(time.Minute):
			b.t.Fatalf("no answer %s", w)
		}
	}
}

func (b *bench) free(id string) {
	b.Release(scheduler.ReleaseNodes{Tenant: "acme", Request: scheduler.NodeRequestID(id)})
}

func TestPriorityThenRankThenAge(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox(map[string]int{"small": 1}))
	b.Request(request("first", 300, "small"))
	b.expect("first:1")
	b.Request(request("late", 300, "small"))
	b.Request(request("check", 200, "small"))
	b.Request(request("gate2", 100, "small"))
	b.Request(request("gate1", 100, "small"))
	b.Rank(scheduler.RankNodes{Tenant: "acme", Request: "gate2", RelativePriority: 1})
	order := []string{"first", "gate1", "gate2", "check", "late"}
	for i, id := range order[:4] {
		b.free(id)
		b.expect(order[i+1] + ":1")
	}
}

func TestWhatCanNeverBeServedFails(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox(map[string]int{"small": 2, "secret": 0}))
	b.Request(request("unknown", 100, "small", "huge"))
	b.Request(request("forbidden", 100, "secret"))
	b.Request(request("many", 100, "small", "small", "small"))
	elsewhere := request("elsewhere", 100, "small")
	elsewhere.Provider = "other"
	b.Request(elsewhere)
	b.expect("unknown:failed", "forbidden:failed", "many:failed", "elsewhere:failed")
	b.Request(request("two", 100, "small", "small"))
	b.expect("two:2")
}

func TestAnyLabelWithoutAList(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox(nil))
	for i := range 50 {
		b.Request(request(fmt.Sprint(i), 100, "whatever"))
		b.expect(fmt.Sprint(i, ":1"))
	}
	b.Request(request("forbidden", 100, "secret"))
	b.expect("forbidden:failed")
}

func TestRestoredNodesTakeRoom(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox(map[string]int{"small": 1}))
	held := request("held", 0, "small")
	held.Nodes = []scheduler.ProvidedNode{{ID: "n", Name: "node0", Label: "small", Provider: nodes.SandboxName}}
	b.Restore("acme", []scheduler.RequestNodes{held, request("open", 100, "small")})
	list := b.Requests("acme")
	if len(list) != 2 || list[0].State != nodes.Fulfilled || list[1].State != nodes.Requested {
		t.Errorf("requests are %+v", list)
	}
	b.free("held")
	b.expect("open:1")
	// Told again after a restart of the tenant, nothing is made twice.
	open := request("open", 100, "small")
	open.Nodes = held.Nodes
	b.Restore("acme", []scheduler.RequestNodes{open})
	b.Request(request("next", 100, "small"))
	b.free("open")
	b.expect("next:1")
}

func TestDeletedRequestFails(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox(map[string]int{"small": 1}))
	b.Request(request("one", 100, "small"))
	b.expect("one:1")
	b.Request(request("two", 100, "small"))
	if b.Fail("acme", "one", "deleted") || b.Fail("other", "two", "deleted") || !b.Fail("acme", "two", "deleted") {
		t.Error("open requests of the tenant can be deleted, and only those")
	}
	b.expect("two:failed")
}

// slow makes nodes when it is told to.
type slow struct {
	*nodes.Sandbox
	next chan error
}

func (s slow) Name() string { return "slow" }

func (s slow) Make(ctx context.Context, r scheduler.RequestNodes) ([]scheduler.ProvidedNode, error) {
	select {
	case err := <-s.next:
		if err != nil {
			return nil, err
		}
		return s.Sandbox.Make(ctx, r)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestSlowProvider(t *testing.T) {
	t.Parallel()
	s := slow{sandbox(map[string]int{"small": 1}), make(chan error)}
	b := setup(t, s)
	b.Request(request("broken", 100, "small"))
	b.Request(request("cancelled", 200, "small"))
	b.Request(request("good", 300, "small"))
	if got := b.Requests("acme")[0].State; got != nodes.Accepted {
		t.Errorf("the first is %s", got)
	}
	s.next <- errors.New("quota of the cloud")
	b.expect("broken:failed")
	b.free("cancelled") // while it is made
	s.next <- nil
	s.next <- nil
	b.expect("good:1")
	if n := len(b.Requests("acme")); n != 1 {
		t.Errorf("%d requests are left", n)
	}
}

func TestDetailNamesTheProvider(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox(map[string]int{"small": 1}))
	b.Request(request("x", 100, "huge"))
	if c := <-b.answers; !strings.Contains(c.Detail, `sandbox: no provider has label "huge"`) {
		t.Errorf("detail is %q", c.Detail)
	}
}
