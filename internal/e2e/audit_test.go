package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// in makes a subtest the one that fails.
func (s *server) in(t *testing.T) *server {
	return &server{settings: s.settings, t: t, dir: s.dir, listen: s.listen, url: s.url, cfg: s.cfg, admin: s.admin, cmd: s.cmd, done: s.done}
}

func (c *clone) in(t *testing.T) *clone {
	out := *c
	out.t, out.s = t, c.s.in(t)
	return &out
}

// commitAmend replaces the commit that is checked out.
func (c *clone) commitAmend(content files) {
	c.t.Helper()
	message := c.git("log", "-1", "--format=%B")
	c.git("reset", "-q", "--soft", "HEAD~1")
	c.commit(message, content)
}

// checkedOut finds in a console which commit of a project a build tested.
var checkedOut = regexp.MustCompile(`Checked out local/(\S+) main \(([0-9a-f]{40})\)`)

// auditLanded holds the branches to what passing gate builds had before them,
// and the history to one final build for each job and buildset.
func (s *server) auditLanded(tenant string, projects ...string) {
	s.t.Helper()
	tested := map[string]bool{} // "project commit" of passing gate builds
	final := map[string]string{}
	for _, b := range s.settled(tenant) {
		if b.Final != nil && *b.Final {
			key := b.Buildset.UUID + " " + b.Job
			if other, ok := final[key]; ok {
				s.t.Errorf("buildset and job %s have two final builds: %s and %s", key, other, b.UUID)
			}
			final[key] = b.UUID
		}
		if b.Pipeline != "gate" || *b.Result != "SUCCESS" {
			continue
		}
		for _, m := range checkedOut.FindAllStringSubmatch(s.console(b.UUID), -1) {
			tested[m[1]+" "+m[2]] = true
		}
	}
	for _, p := range projects {
		c := s.clone(s.admin, p)
		c.git("fetch", "-q", "origin")
		landed := strings.Fields(c.git("log", "--first-parent", "--format=%H", "origin/main"))
		for _, commit := range landed[:len(landed)-1] { // the last one founded the project
			if !tested[p+" "+commit] {
				s.t.Errorf("%s of %s landed, but no passing gate build had it", commit, p)
			}
		}
	}
}

// audit compares the end with how it must be.
func (l *load) audit() {
	s := l.s
	s.t.Helper()
	s.await("every merge was followed up once and all pipelines are empty", func() (bool, error) {
		followed, err := l.followed()
		if err != nil {
			return false, err
		}
		items, err := s.items(s.t.Context(), "acme")
		return len(followed) == l.merges() && len(items) == 0, err
	})
	want := map[string]map[string]bool{"alpha": {}, "beta": {}}
	for _, c := range l.changes {
		l.auditChange(c)
		if c.merges && c.path == "" {
			want[c.project]["parts/"+c.name] = true
		}
	}
	for p, parts := range want {
		r := l.clones[p]
		r.git("fetch", "-q", "origin")
		for _, path := range strings.Fields(r.git("ls-tree", "-r", "--name-only", "origin/main", "parts/")) {
			if !parts[path] {
				s.t.Errorf("branch main of %s has %s, which must not merge", p, path)
			}
			delete(parts, path)
		}
		for path := range parts {
			s.t.Errorf("branch main of %s lacks %s", p, path)
		}
	}
	s.auditLanded("acme", "alpha", "beta")
}

// followed lists the merges that went through the post pipeline, and fails
// when one did twice.
func (l *load) followed() (map[string]bool, error) {
	var post []buildsetDoc
	if err := l.s.call(l.s.t.Context(), "", "GET", "/api/tenant/acme/buildsets?limit=5000&pipeline=post", nil, &post); err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, b := range post {
		for _, r := range b.Refs {
			if l.founded[r.NewRev] {
				continue // the server may have been quick enough to test that too
			}
			if out[r.NewRev] {
				return nil, fmt.Errorf("%s of %s went through post twice", r.NewRev, r.Project)
			}
			out[r.NewRev] = true
		}
	}
	return out, nil
}

// merges counts the changes that must merge.
func (l *load) merges() int {
	n := 0
	for _, c := range l.changes {
		if c.merges {
			n++
		}
	}
	return n
}

// auditChange holds one change to its expected end and to being reported once.
func (l *load) auditChange(c *loadChange) {
	s := l.s
	s.t.Helper()
	doc := s.change(c.number)
	if merged := doc.Status == "merged"; merged != c.merges || !merged && doc.Status != "open" {
		s.t.Errorf("change %d (%s) ended as %s; votes %v; %q", c.number, c.name, doc.Status, doc.Votes, doc.said())
	}
	if len(doc.Patchsets) != len(c.commits) {
		s.t.Errorf("change %d (%s) has %d patchsets, %d were pushed", c.number, c.name, len(doc.Patchsets), len(c.commits))
	}
	var h historyDoc
	s.get(fmt.Sprintf("/api/tenant/acme/change/%d/history", c.number), &h)
	gated, checked := 0, 0
	for _, it := range h.Items {
		switch it.Pipeline {
		case "gate":
			gated++
		case "check":
			checked++
		}
		if it.Result == nil {
			s.t.Errorf("an item of change %d (%s) in %s has no end: %+v", c.number, c.name, it.Pipeline, it.Decisions)
		}
	}
	if checked != len(c.commits) {
		s.t.Errorf("change %d (%s) was checked %d times for %d patchsets", c.number, c.name, checked, len(c.commits))
	}
	starts, reports := 0, map[string]int{}
	for _, m := range doc.said() {
		if strings.HasPrefix(m, "Starting gate jobs") {
			starts++
		} else if reports[m]++; reports[m] > 1 {
			s.t.Errorf("change %d (%s) was told twice: %q", c.number, c.name, m)
		}
	}
	if starts > gated {
		s.t.Errorf("change %d (%s) entered the gate %d times and was told so %d times", c.number, c.name, gated, starts)
	}
}
