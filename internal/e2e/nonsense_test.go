package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// memoryLimit is the most that the server may ever have held, in MiB.
const memoryLimit = 512

// nonsenseYAML makes limits that the tests can reach soon.
const nonsenseYAML = `limits: {push-size: 8MiB}
executor: {output-limit: 16MiB, processes: 300, disk-limit: 64MiB}
`

// nonsenseTenants has one tenant for the nonsense and one for who must not
// notice.
const nonsenseTenants = acmeTenant + `- tenant:
    name: quiet
    source:
      local:
        config-projects: [{config-quiet: {load-branch: main}}]
        untrusted-projects: [gamma]
`

// arena is a server that gets nonsense, and people who go on with their work.
type arena struct {
	*server
	alpha, beta, gamma *clone
	serial             int
}

func newArena(t *testing.T) *arena {
	t.Helper()
	a := &arena{server: start(t, settings{yaml: nonsenseYAML, tenants: nonsenseTenants})}
	a.alpha, a.beta = a.acme("sh ci/do.sh")
	a.found("config-quiet", configFiles())
	a.gamma = a.found("gamma", projectFiles("gamma", "true"))
	a.awaitJobs("quiet", "gamma-test")
	a.healthy(t, a.beta, a.gamma)
	return a
}

// undisturbed runs nonsense while healthy changes pass through the gates of
// both tenants, and looks at the server's memory.
func (a *arena) undisturbed(t *testing.T, nonsense func(t *testing.T, s *server), others ...*clone) {
	t.Helper()
	done := make(chan struct{})
	t.Run("healthy", func(t *testing.T) {
		t.Run("nonsense", func(t *testing.T) {
			t.Parallel()
			defer close(done)
			nonsense(t, a.in(t))
		})
		t.Run("changes", func(t *testing.T) {
			t.Parallel()
			for more := true; more; more = running(done) {
				a.healthy(t, others...)
			}
		})
	})
	if got := a.peak(); got > memoryLimit {
		t.Errorf("the server held %d MiB at times, at most %d are good", got, memoryLimit)
	}
	t.Logf("memory: %d MiB now, %d MiB at most", a.memory(), a.peak())
}

// healthy lets a change of each project pass the gate.
func (a *arena) healthy(t *testing.T, projects ...*clone) {
	t.Helper()
	s := a.in(t)
	a.serial++
	part := fmt.Sprintf("parts/healthy-%d", a.serial)
	began := time.Now()
	var numbers []int
	for _, p := range projects {
		n := p.in(t).change("Add "+part, files{part: "1\n", "ci/do.sh": "true\n"})
		s.approve(n)
		numbers = append(numbers, n)
	}
	for _, n := range numbers {
		s.awaitMerged(n)
	}
	t.Logf("healthy changes merged after %s", time.Since(began).Round(time.Millisecond))
}

// refusedConfig are configurations that must be refused, with a part of the
// diagnostic that the author must get.
var refusedConfig = map[string]struct{ yaml, want string }{
	"malformed YAML": {"- job:\n    name: x\n   run: y\n", "alpha@main:.zuul.yaml:2:5: error:"},
	"unknown key": {"- job:\n    name: x\n    runn: ci/test.sh\n",
		`alpha@main:.zuul.yaml:3:5: error: job has no attribute "runn" [unknown-key]`},
	"unknown object": {"- jobb: {name: x}\n", "alpha@main:.zuul.yaml:1:3: error:"},
	"cyclic dependencies": {"- job: {name: x, run: ci/test.sh}\n- job: {name: y, run: ci/test.sh}\n" +
		"- project:\n    check:\n      jobs:\n        - x: {dependencies: y}\n        - y: {dependencies: x}\n", "ependenc"},
	"missing parent":     {"- job: {name: x, parent: nowhere}\n", "alpha@main:.zuul.yaml:1:8: error:"},
	"circle of parents":  {"- job: {name: x, parent: y}\n- job: {name: y, parent: x}\n", "[inheritance-cycle]"},
	"duplicate key":      {"- job: {name: x, name: y}\n", "[duplicate-key]"},
	"deep nesting":       {"- job: {name: x, vars: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}\n", "[too-deep]"},
	"aliases that swell": {swelling(), "alpha@main:.zuul.yaml:"},
	"50 MB":              {"- job: {name: x}\n" + strings.Repeat("# nothing to see here\n", 50_000_000/22), "[file-too-large]"},
}

// swelling is YAML whose aliases mean a billion values.
func swelling() string {
	var b strings.Builder
	b.WriteString("- job:\n    name: x\n    vars:\n      a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "      a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return b.String()
}

func TestNonsense(t *testing.T) {
	t.Parallel()
	a := newArena(t)
	t.Run("configuration of a change", func(t *testing.T) { a.undisturbed(t, a.badConfig, a.beta, a.gamma) })
	t.Run("configuration merged by force", func(t *testing.T) { a.undisturbed(t, a.forcedConfig, a.gamma) })
	t.Run("pushes", func(t *testing.T) { a.undisturbed(t, a.badPushes, a.beta, a.gamma) })
	t.Run("requests", func(t *testing.T) { a.undisturbed(t, a.badRequests, a.beta, a.gamma) })
	t.Run("slow clients", func(t *testing.T) { a.undisturbed(t, a.slowClients, a.beta, a.gamma) })
	t.Run("endless output", func(t *testing.T) { a.undisturbed(t, a.endlessOutput, a.beta, a.gamma) })
	t.Run("fork bomb", func(t *testing.T) { a.undisturbed(t, a.forkBomb, a.beta, a.gamma) })
	a.auditLanded("acme", "beta")
	a.auditLanded("quiet", "gamma")
}

func (a *arena) badConfig(t *testing.T, s *server) {
	numbers := map[string]int{}
	for name, c := range refusedConfig {
		numbers[name] = a.alpha.in(t).change("Nonsense: "+name, files{".zuul.yaml": c.yaml})
	}
	for name, c := range refusedConfig {
		doc := s.awaitChange(numbers[name], "is checked", func(c changeDoc) bool { return c.vote("Verified", "gozer") != 0 })
		if all := strings.Join(doc.said(), "\n"); doc.vote("Verified", "gozer") != -1 || !strings.Contains(all, c.want) {
			t.Errorf("%s: Verified%+d, no %q in %.2000s", name, doc.vote("Verified", "gozer"), c.want, all)
		}
	}
	if problems := s.configErrors("acme"); len(problems) > 0 {
		t.Errorf("changes that did not merge are problems of the tenant: %q", problems)
	}
}

// forcedConfig replaces a branch of the configuration as only an administrator
// can. The tenant goes on with what can be read.
func (a *arena) forcedConfig(t *testing.T, s *server) {
	config := s.clone(s.admin, "config")
	content := configFiles()
	content["zuul.d/nonsense.yaml"] = "- pipeline:\n    nam: [\n"
	config.git("fetch", "-q", "origin")
	config.git("checkout", "-q", "--detach", "origin/main")
	config.commit("Force", content)
	config.git("branch", "-f", "backup")
	config.git("push", "-q", "origin", "HEAD:refs/heads/nonsense")
	_ = config.refused("origin", "HEAD:refs/heads/main")
	// An administrator can take the branch away and put another there; the
	// tenant must stand both, and has no pipelines in between.
	config.git("push", "-q", "origin", ":refs/heads/main")
	config.git("push", "-q", "origin", "HEAD:refs/heads/main")
	s.await("the problem is told", func() (bool, error) {
		return strings.Contains(strings.Join(s.configErrors("acme"), "\n"), "config@main:zuul.d/nonsense.yaml:2:5: error:"), nil
	})
	s.awaitJobs("acme", "alpha-test")
	n := a.alpha.in(t).change("Work with half a configuration", files{"ci/do.sh": "true\n"})
	s.approve(n)
	s.awaitMerged(n)
}

// endlessOutput runs a job that prints two gigabytes.
func (a *arena) endlessOutput(t *testing.T, s *server) {
	n := a.alpha.in(t).change("Print two gigabytes", files{"ci/do.sh": "head -c 2147483648 /dev/zero | tr '\\000' x\n"})
	doc := s.awaitVerified(n, -1)
	if all := strings.Join(doc.said(), "\n"); !strings.Contains(all, "output") {
		t.Errorf("the change is told %q", all)
	}
	build := s.builds("acme", fmt.Sprintf("change=%d", n))[0]
	if size := len(s.console(build.UUID)); size < 8<<20 || size > 20<<20 {
		t.Errorf("the console has %d bytes", size)
	}
}

// forkBomb runs a job that starts processes without end.
func (a *arena) forkBomb(t *testing.T, s *server) {
	n := a.alpha.in(t).change("Fork without end", files{"ci/do.sh": "bomb() { sleep 100 & bomb & bomb & wait; }\nsleep 100 &\nbomb &\nwait\n"})
	doc := s.awaitVerified(n, -1)
	if all := strings.Join(doc.said(), "\n"); !strings.Contains(all, "process") {
		t.Errorf("the change is told %q", all)
	}
}
