package schedtest

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// showVerbs print, compare and expect.
var showVerbs = map[string]verbFunc{
	"builds":   func(s *Scenario, _ []string) error { s.out = s.showBuilds(s.w.Running); return nil },
	"history":  func(s *Scenario, _ []string) error { s.out = s.showBuilds(s.w.History); return nil },
	"queue":    (*Scenario).showQueue,
	"reports":  (*Scenario).showReports,
	"merged":   func(s *Scenario, _ []string) error { s.out = s.landed() + "\n"; return nil },
	"messages": (*Scenario).showMessages,
	"inbox":    (*Scenario).showInbox,
	"cmp":      (*Scenario).cmp,
	"expect":   (*Scenario).expect,
}

// items names the changes of a state in merge order, as A+B; a patchset other
// than the first shows, as A,2.
func (s *Scenario) items(refs []scheduler.Ref) string {
	names := make([]string, len(refs))
	for i, r := range refs {
		names[i] = s.names[r.Number]
		switch {
		case !r.IsChange() && s.landings[r.NewRev] != "":
			names[i] = r.Branch + "@" + s.landings[r.NewRev]
		case !r.IsChange():
			names[i] = r.Branch
		case r.Patchset != 1:
			names[i] += "," + strconv.Itoa(r.Patchset)
		}
	}
	return strings.Join(names, "+")
}

// jobName says for which of several refs a job runs.
func (s *Scenario) jobName(j *scheduler.FrozenJob, refs []scheduler.Ref) string {
	if len(refs) < 2 {
		return string(j.Name)
	}
	return string(j.Name) + "(" + s.items(refs[j.Ref:j.Ref+1]) + ")"
}

func (s *Scenario) showBuilds(list []*Build) string {
	var b strings.Builder
	for _, x := range list {
		word := string(x.Result)
		if word == "" {
			if word = "running"; x.Paused && !x.Resumed {
				word = "paused"
			}
		}
		name := s.jobName(x.Job, x.Refs)
		if x.Pipeline != "gate" {
			name = string(x.Pipeline) + "/" + name
		}
		fmt.Fprintf(&b, "%-22s %-14s %s\n", name, s.items(x.Items), word)
	}
	return b.String()
}

func (s *Scenario) showQueue(args []string) error {
	p := s.w.S.Pipeline(scheduler.PipelineName(args[0]))
	if p == nil {
		return fmt.Errorf("no pipeline %q", args[0])
	}
	var b strings.Builder
	for _, q := range p.Queues {
		if len(q.Items) == 0 {
			continue
		}
		title := "queue " + strings.TrimPrefix(string(q.Name), "local/")
		if q.Dynamic {
			title = "queue"
		}
		fmt.Fprintf(&b, "%s window %d\n", title, q.Window)
		for _, it := range q.Items {
			s.showItem(&b, it)
		}
	}
	s.out = b.String()
	return nil
}

// showInbox prints what has arrived and waits for the configuration.
func (s *Scenario) showInbox([]string) error {
	var b strings.Builder
	for _, e := range s.w.S.Inbox {
		if e.Trigger != nil {
			fmt.Fprintf(&b, "%s %s\n", e.Trigger.Type, s.items([]scheduler.Ref{e.Trigger.Ref}))
		}
	}
	s.out = b.String()
	return nil
}

func (s *Scenario) showItem(b *strings.Builder, it *scheduler.Item) {
	line := "  " + s.items(it.Refs)
	if it.Ahead != nil {
		line += " on " + s.items(it.Ahead.Refs)
	}
	if !it.Live {
		line += " non-live"
	}
	if !it.Active() {
		line += " outside the window"
	}
	if len(it.Failing) > 0 {
		line += " (" + strings.Join(it.Failing, "; ") + ")"
	}
	if it.Buildset != nil {
		for _, r := range it.Buildset.Jobs {
			name := s.jobName(r.Job, it.Refs)
			word := string(r.Result())
			if word == "" {
				switch word = "running"; {
				case r.Build == nil:
					word = "waiting"
				case r.Build.Paused():
					word = "paused"
				case r.Build.Failing:
					word = "failing"
				}
				if w := s.w.S.WaitingStatus(r, it.Buildset); w != "" {
					word = "waits for " + requestID.ReplaceAllString(w, "request: ...")
				}
			}
			line += "\n    " + name + " " + word
		}
	}
	b.WriteString(line + "\n")
}

func (s *Scenario) showReports([]string) error {
	var b strings.Builder
	for _, r := range s.w.Reports {
		line := fmt.Sprintf("%-6s %-14s %s", r.Pipeline, r.Action, s.items(r.Refs))
		if r.Result != "" {
			line += " " + string(r.Result)
		}
		b.WriteString(line + "\n")
	}
	s.out = b.String()
	return nil
}

var requestID = regexp.MustCompile(`request: [0-9a-f]{32}`)

var identifier = regexp.MustCompile(`\b[0-9a-f]{32}\b`)

// showMessages prints what the sources were told about the changes.
func (s *Scenario) showMessages(args []string) error {
	var b strings.Builder
	err := s.each(args, func(c *scheduler.Change) {
		for _, r := range s.reportsOf(c) {
			fmt.Fprintf(&b, "%s %s:\n", r.Pipeline, r.Action)
			for line := range strings.Lines(identifier.ReplaceAllString(r.Message, "...")) {
				b.WriteString(strings.TrimRight("  "+strings.TrimRight(line, "\n"), " ") + "\n")
			}
		}
	})
	s.out = b.String()
	return err
}

func (s *Scenario) reportsOf(c *scheduler.Change) []scheduler.Report {
	return slices.DeleteFunc(slices.Clone(s.w.Reports), func(r scheduler.Report) bool {
		return len(r.Reporters) == 0 || !slices.ContainsFunc(r.Refs, func(x scheduler.Ref) bool { return x.Key() == c.Key() })
	})
}

func (s *Scenario) landed() string {
	refs := make([]scheduler.Ref, len(s.w.Merged))
	for i, l := range s.w.Merged {
		refs[i] = l.Ref
	}
	return strings.ReplaceAll(s.items(refs), "+", " ")
}

// cmp compares what was printed last with a section: "cmp stdout name".
func (s *Scenario) cmp(args []string) error {
	name := args[len(args)-1]
	if s.update {
		s.archive.set(name, s.out)
		return nil
	}
	if want := s.archive.sections[name]; s.out != want {
		return fmt.Errorf("got\n%swant\n%s(go test ./scheduler -update rewrites the sections; read the difference)", s.out, want)
	}
	return nil
}

// invariants hold at the end of every scenario.
func (s *Scenario) invariants() error {
	w := s.w
	if v := scheduler.Check(w.S); len(v) > 0 {
		return fmt.Errorf("%s", v[0])
	}
	if len(w.Broken) > 0 {
		return fmt.Errorf("%s", w.Broken[0])
	}
	if d := NaiveDifferences(w.S); len(d) > 0 {
		return fmt.Errorf("the naive queue processor would go on: %s", d[0])
	}
	if left := w.leftovers(); len(left) > 0 {
		return fmt.Errorf("%s", left[0])
	}
	live, err := scheduler.Snapshot(w.S)
	if err != nil {
		return err
	}
	folded := scheduler.NewState("tenant")
	scheduler.Fold(folded, w.Events)
	if again, _ := scheduler.Snapshot(folded); !bytes.Equal(live, again) {
		return fmt.Errorf("folding the log gives another state")
	}
	restored, err := scheduler.Restore(live)
	if err != nil {
		return err
	}
	if again, _ := scheduler.Snapshot(restored); !bytes.Equal(live, again) {
		return fmt.Errorf("restoring the snapshot gives another state")
	}
	for _, p := range w.S.Pipelines {
		for _, q := range p.Queues {
			if len(q.Items) > 0 && !s.undrained {
				return fmt.Errorf("pipeline %s still holds items; say undrained if that is meant\n%s", p.Config.Name, scheduler.Describe(w.S))
			}
		}
	}
	return nil
}
