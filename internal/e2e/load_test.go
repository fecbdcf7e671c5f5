package e2e

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
)

// loadScript passes unless a part says fail, or both parts of a pair are there.
const loadScript = `sleep 0.1
for project in alpha beta; do
  for part in $ZUUL_SRC_ROOT/local/$project/parts/*; do
    [ -e "$part" ] || continue
    if grep -q fail "$part"; then echo "$part is broken"; exit 1; fi
    case $part in
    */left-*) if [ -e "$ZUUL_SRC_ROOT/local/beta/parts/right-${part##*-}" ]; then echo "$part does not go with its right"; exit 1; fi;;
    esac
  done
done
echo all parts fit`

// load is what people do to a server while it is killed.
type load struct {
	s       *server
	clones  map[string]*clone
	changes []*loadChange

	founded  map[string]bool       // first commits of the projects
	broken   atomic.Pointer[error] // why there is no use in going on
	mu       sync.Mutex
	promised map[int]*promise
}

// loadChange is a change with what must become of it.
type loadChange struct {
	name    string // of its part
	project string
	content string // "fail" makes its test fail
	path    string // empty is parts/<name>
	// needs is the index of a change of the round; -1 is none.
	needs int
	// repaired is the content of a second patchset, pushed while the first is
	// in the gate.
	repaired string
	merges   bool

	number  int
	commits []string
}

// roundOf is one round of the load, in the order of approval.
func roundOf(n int) []*loadChange {
	part := func(kind string) string { return fmt.Sprintf("%s-%d", kind, n) }
	return []*loadChange{
		{name: part("good"), project: "alpha", needs: -1, merges: true},
		{name: part("broken"), project: "beta", content: "fail", needs: -1},
		{name: part("left"), project: "alpha", needs: -1, merges: true},
		{name: part("right"), project: "beta", needs: -1}, // passes alone
		{name: part("needed"), project: "alpha", needs: -1, merges: true},
		{name: part("user"), project: "beta", needs: 4, merges: true},
		{name: part("unsound"), project: "beta", content: "fail", needs: -1},
		{name: part("misled"), project: "alpha", needs: 6},
		{name: part("first"), project: "alpha", path: "contested", needs: -1, merges: true},
		{name: part("second"), project: "alpha", path: "contested", needs: -1}, // conflicts
		{name: part("repaired"), project: "beta", content: "fail", needs: -1, repaired: "fine", merges: true},
		{name: part("last"), project: "alpha", needs: -1, merges: true},
	}
}

// newLoad founds the projects of the load.
func newLoad(s *server) *load {
	s.t.Helper()
	s.found("config", configFiles())
	founded := map[string]bool{}
	for _, p := range []string{"alpha", "beta"} {
		first := s.found(p, files{".zuul.yaml": loadJobs(p), "ci/test.sh": "#!/bin/sh\n" + loadScript + "\n", "contested": "0\n"})
		founded[first.git("rev-parse", "HEAD")] = true
	}
	s.awaitJobs("acme", "alpha-test", "beta-test")
	l := &load{s: s, clones: map[string]*clone{}, promised: map[int]*promise{}, founded: founded}
	ada := s.person("ada")
	for _, p := range []string{"alpha", "beta"} {
		l.clones[p] = s.clone(ada, p)
	}
	return l
}

func loadJobs(project string) string {
	return strings.ReplaceAll(`- job:
    name: NAME-test
    run: ci/test.sh
    required-projects: [alpha, beta]
- project:
    queue: shared
    check: {jobs: [NAME-test]}
    gate: {jobs: [NAME-test, NAME-again: {}]}
    post: {jobs: [NAME-test]}
- job: {name: NAME-again, parent: NAME-test}
`, "NAME", project)
}

// persist repeats what a person does until the server has answered.
func (l *load) persist(what string, try func(context.Context) error) {
	l.s.t.Helper()
	l.s.await(what, func() (bool, error) {
		if why := l.broken.Load(); why != nil {
			return false, *why
		}
		err := try(l.s.t.Context())
		if r, refused := err.(*refusal); refused && r.status < 500 { //nolint:errorlint // call returns it unwrapped
			return false, err
		}
		return err == nil, nil
	})
}

// round plays all changes of a round and waits for their ends.
func (l *load) round(n int) {
	l.s.t.Helper()
	changes := roundOf(n)
	for _, p := range []string{"alpha", "beta"} {
		l.persist("fetch "+p, func(ctx context.Context) error {
			_, err := l.clones[p].try(ctx, "fetch", "-q", "origin")
			return err
		})
	}
	for _, c := range changes {
		l.push(c, changes)
	}
	for _, c := range changes {
		l.approve(c)
		if c.repaired != "" {
			c.content = c.repaired
			l.push(c, changes)
			l.approve(c)
		}
	}
	l.changes = append(l.changes, changes...)
	for _, c := range changes {
		if c.merges {
			l.awaitMerged(c)
		}
	}
}

// push proposes a change from the branch as it was fetched.
func (l *load) push(c *loadChange, round []*loadChange) {
	l.s.t.Helper()
	r := l.clones[c.project]
	path := c.path
	if path == "" {
		path = "parts/" + c.name
	}
	message := fmt.Sprintf("Add %s\n\n", c.name)
	if c.needs >= 0 {
		message += fmt.Sprintf("Depends-On: %s/change/%d\n", l.s.url, round[c.needs].number)
	}
	r.git("checkout", "-q", "--detach", "-f", "origin/main")
	commit := r.commit(message+"Change-Id: "+changeID(c.name), files{path: c.name + " " + c.content + "\n"})
	l.persist("push "+c.name, func(ctx context.Context) error {
		out, err := r.try(ctx, "push", "origin", "HEAD:refs/for/main")
		if strings.Contains(out, "no new changes") {
			return l.findPushed(ctx, c, commit) // the cut answer said that it was taken
		}
		if err == nil {
			c.number, err = number(out)
		}
		return err
	})
	c.commits = append(c.commits, commit)
	l.promise(c.number, func(p *promise) { p.commit, p.approved = commit, false })
}

func changeID(name string) string { return fmt.Sprintf("I%040x", name) }

// findPushed finds the change of a commit, as a person looks at the list.
func (l *load) findPushed(ctx context.Context, c *loadChange, commit string) error {
	var list []changeDoc
	if err := l.s.call(ctx, "", "GET", "/api/connection/local/changes?limit=50&project="+c.project, nil, &list); err != nil {
		return err
	}
	for _, x := range list {
		if x.Commit == commit {
			c.number = x.Number
			return nil
		}
	}
	return fmt.Errorf("no change has the commit %s", commit)
}

func (l *load) approve(c *loadChange) {
	l.s.t.Helper()
	l.persist("approve "+c.name, func(ctx context.Context) error {
		err := l.s.call(ctx, l.s.admin.token, "POST", changePath(c.number)+"/approve", map[string]string{}, nil)
		if r, ok := err.(*refusal); ok && r.status == 409 && strings.Contains(r.body, "merged") { //nolint:errorlint // as above
			return nil // an approval whose answer was cut has done it
		}
		return err
	})
	l.promise(c.number, func(p *promise) { p.approved = true })
}

func (l *load) awaitMerged(c *loadChange) {
	l.s.t.Helper()
	l.persist(fmt.Sprintf("change %d (%s) merges", c.number, c.name), func(ctx context.Context) error {
		var doc changeDoc
		if err := l.s.call(ctx, "", "GET", changePath(c.number), nil, &doc); err != nil {
			return err
		}
		if doc.Status != "merged" {
			return fmt.Errorf("it is %s", doc.Status)
		}
		return nil
	})
	l.promise(c.number, func(p *promise) { p.merged = true })
}
