package executor

import (
	"bytes"
	"context"
	"regexp"
	"sync"

	"github.com/gozer-ci/gozer/scheduler"
)

// maxLine is how much of a line is compared with expressions.
const maxLine = 64 << 10

// matcher looks for lines of output that mean failure (Zuul documentation,
// "Job: failure-output").
type matcher struct {
	patterns []*regexp.Regexp
	found    func(pattern string) // called once

	mu   sync.Mutex
	on   bool
	done bool
	line []byte // begun and not ended
}

// newMatcher returns nil when there is nothing to look for. An expression that
// does not compile is the job's problem.
func newMatcher(job *scheduler.FrozenJob, found func(string)) (*matcher, error) {
	if len(job.FailureOutput) == 0 {
		return nil, nil
	}
	m := &matcher{found: found}
	for _, text := range job.FailureOutput {
		re, err := regexp.Compile("^(?:" + text + ")") // as all of Zuul's: from the start
		if err != nil {
			return nil, problemf("failure-output of job %s: %v", job.Name, err)
		}
		m.patterns = append(m.patterns, re)
	}
	return m, nil
}

// enable says whether output counts from now on.
func (m *matcher) enable(on bool) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.on, m.line = on, nil
}

// write looks at the next piece of output.
func (m *matcher) write(p []byte) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(p) > 0 && m.on && !m.done {
		piece, rest, ended := bytes.Cut(p, []byte("\n"))
		p = rest
		m.line = append(m.line, piece[:min(len(piece), maxLine-len(m.line))]...)
		if ended {
			m.match()
			m.line = m.line[:0]
		}
	}
}

func (m *matcher) match() {
	for _, re := range m.patterns {
		if re.Match(m.line) {
			m.done = true
			m.found(re.String())
			return
		}
	}
}

// announce says, once, that the build will fail although it still runs, so
// that nothing waits for its end in vain.
func (b *build) announce(ctx context.Context, detail string) {
	if b.announced.Swap(true) {
		return
	}
	c := scheduler.FailingBuild{Build: b.start().Build, Executor: b.cfg.Name, Detail: detail, Time: b.cfg.Now()}
	b.announcing.Go(func() { send(ctx, b.cfg.Results, b.start().Tenant, c, b.log) })
}

// watchOutput begins to look for output that means failure.
func (b *build) watchOutput(ctx context.Context) (err error) {
	b.console.watch, err = newMatcher(b.start().Job, func(pattern string) {
		b.matched.Store(&pattern)
		b.announce(ctx, "its output matches "+pattern)
	})
	return err
}

// early is the outcome of a run phase that passed: a failure when its output
// says so.
func (b *build) early() outcome {
	if p := b.matched.Load(); p != nil {
		return outcome{scheduler.ResultFailure, "output matches failure-output " + *p}
	}
	return outcome{result: scheduler.ResultSuccess}
}
