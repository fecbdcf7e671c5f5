package schedtest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// demand names the job of a buildset in words.
func (s *Scenario) demand(id scheduler.BuildsetID, job scheduler.JobName) string {
	for _, e := range s.w.Events {
		p, ok := e.(scheduler.PrepareRequested)
		if !ok || p.Buildset != id {
			continue
		}
		for _, e := range s.w.Events {
			if it, ok := e.(scheduler.ItemEnqueued); ok && it.Item == p.Item {
				return fmt.Sprintf("%s/%s %s", it.Pipeline, job, s.items(it.Refs))
			}
		}
	}
	return string(job)
}

// showHolders prints who holds which semaphore.
func (s *Scenario) showHolders([]string) error {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.w.S.Holders)) {
		for _, h := range s.w.S.Holders[name] {
			what := ""
			if h.Build != "" {
				what = " (a playbook)"
			}
			fmt.Fprintf(&b, "%s: %s%s\n", name, s.demand(h.Buildset, h.Job), what)
		}
	}
	s.out = b.String()
	return nil
}

func labels(n scheduler.Nodeset) string {
	names := make([]string, len(n.Nodes))
	for i, x := range n.Nodes {
		names[i] = x.Label
	}
	return strings.Join(names, ",")
}

// showRequests prints the open node requests, the most urgent first.
func (s *Scenario) showRequests([]string) error {
	open := slices.Clone(s.w.Open)
	slices.SortStableFunc(open, func(a, b scheduler.RequestNodes) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.RelativePriority, b.RelativePriority))
	})
	s.out = s.listRequests(open)
	return nil
}

// showServed prints node requests in the order in which they got nodes.
func (s *Scenario) showServed([]string) error {
	s.out = s.listRequests(s.w.Served)
	return nil
}

func (s *Scenario) listRequests(list []scheduler.RequestNodes) string {
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "%s %s priority %d", s.demand(r.Buildset, r.Job), labels(r.Nodeset), r.Priority)
		if s.w.S.Layout.RelativePriority {
			fmt.Fprintf(&b, " relative %d", r.RelativePriority)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// showNodes prints the nodes that running builds have.
func (s *Scenario) showNodes([]string) error {
	var b strings.Builder
	for _, x := range s.w.Running {
		for _, n := range x.Nodes {
			fmt.Fprintf(&b, "%s/%s %s: %s (%s)\n", x.Pipeline, x.Job.Name, s.items(x.Items), n.Name, n.Label)
		}
	}
	fmt.Fprintf(&b, "%d requests have nodes\n", len(s.w.Given))
	s.out = b.String()
	return nil
}

// showAutoholds prints the autohold requests with what they keep.
func (s *Scenario) showAutoholds([]string) error {
	var b strings.Builder
	for _, a := range s.w.S.Autoholds {
		fmt.Fprintf(&b, "%s %s %s %d of %d", a.ID, a.Job, a.Filter.Text, a.Count, a.MaxCount)
		if !a.Expired.IsZero() {
			b.WriteString(" expired")
		}
		b.WriteString("\n")
		for _, h := range a.Held {
			word := "held"
			if h.Released {
				word = "released"
			}
			fmt.Fprintf(&b, "  %s %s, %d nodes\n", s.demand(h.Buildset, a.Job), word, len(h.Nodes))
		}
	}
	s.out = b.String()
	return nil
}
