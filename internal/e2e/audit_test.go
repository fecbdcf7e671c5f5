package e2e

import (
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
	for _, b := range s.builds(tenant, "") {
		if b.Result == nil {
			s.t.Errorf("build %s of job %s never ended", b.UUID, b.Job)
			continue
		}
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
