package schedtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// Scenario plays a text scenario in operators' words. The tables of verbs in
// this package list them; a line that starts with # tells the story.
type Scenario struct {
	w         *World
	layout    *scheduler.Layout
	jobs      []jobLine
	noJobs    bool
	changes   map[string]*scheduler.Change // by letter
	names     map[int]string               // by number
	fails     []failure
	clashes   [][2]int
	broken    map[int]string // configuration errors by change number
	adds      map[int]jobLine
	returned  []returning
	pausing   []string // jobs that pause
	told      int      // landings whose ref-updated event was sent
	out       string
	undrained bool // the end may find items in queues
	// landings names the changes by the commits of branches that they made.
	landings map[string]string

	// repos hold the configuration, where a scenario brings it.
	repos *repos

	archive *archive
	update  bool
	extra   Verbs
}

// failure is a job that fails on any state that holds the change.
type failure struct {
	job    string
	change int
	result scheduler.Result
}

// PlayScenario plays a scenario file. With update it returns the file with the
// sections that cmp names rewritten; otherwise a difference is the error.
func PlayScenario(data []byte, update bool) ([]byte, error) {
	return PlayScenarioWith(data, update, nil)
}

// Verbs are further verbs that a test brings. A name of a change among the
// arguments is given as its number; what a verb returns can be compared.
type Verbs map[string]func(w *World, args []string) (string, error)

// PlayScenarioWith is PlayScenario with further verbs.
func PlayScenarioWith(data []byte, update bool, extra Verbs) ([]byte, error) {
	s := &Scenario{
		layout: Standard(), changes: map[string]*scheduler.Change{}, names: map[int]string{},
		broken: map[int]string{}, adds: map[int]jobLine{}, landings: map[string]string{}, archive: parseArchive(data), update: update,
		extra: extra,
	}
	number := 0
	for line := range strings.Lines(s.archive.script) {
		number++
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		if err := s.line(words); err != nil {
			state := ""
			if s.w != nil {
				state = "\n" + scheduler.Describe(s.w.S)
			}
			return nil, fmt.Errorf("line %d: %s: %w%s", number, strings.Join(words, " "), err, state)
		}
	}
	if err := s.invariants(); err != nil {
		return nil, fmt.Errorf("at the end: %w", err)
	}
	return s.archive.format(), nil
}

// line carries out one line of the script.
func (s *Scenario) line(words []string) error {
	verb, args := words[0], words[1:]
	for _, set := range verbTables {
		if v, ok := set[verb]; ok {
			return v(s, args)
		}
	}
	if v, ok := s.extra[verb]; ok {
		return s.bring(v, args)
	}
	return fmt.Errorf("unknown verb %q", verb)
}

// verbTables are all verbs that a scenario may use, by topic.
var verbTables = []map[string]verbFunc{
	setupVerbs,
	resourceVerbs,
	actionVerbs,
	jobVerbs,
	showVerbs,
	pipelineVerbs,
	controlVerbs,
	cycleVerbs,
	configVerbs,
	branchVerbs,
	tenantVerbs,
}

// bring carries out a verb of the test.
func (s *Scenario) bring(v func(*World, []string) (string, error), args []string) (err error) {
	args = slices.Clone(args)
	for i, a := range args {
		if c := s.changes[a]; c != nil {
			args[i] = strconv.Itoa(c.Number)
		}
	}
	s.out, err = v(s.world(), args)
	return err
}

type verbFunc func(s *Scenario, args []string) error

// world starts the tenant when the first thing happens in it.
func (s *Scenario) world() *World {
	if s.w == nil {
		s.loadRepos()
		s.w = New(s.layout, 1)
		if s.repos != nil {
			s.w.Configure = s.repos.configure
		}
		s.w.Graph = s.graph
		s.w.Fail = s.fail
		s.w.Returns, s.w.Pauses = s.returns, s.pauses
		s.w.Conflict = s.conflict
		s.w.ConfigErrors = s.configErrors
	}
	return s.w
}

// change finds a change by its letter.
func (s *Scenario) change(name string) (*scheduler.Change, error) {
	if c := s.changes[name]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("no change %q", name)
}

// each runs f for every named change.
func (s *Scenario) each(names []string, f func(c *scheduler.Change)) error {
	if len(names) == 0 {
		return fmt.Errorf("name at least one change")
	}
	for _, name := range names {
		c, err := s.change(name)
		if err != nil {
			return err
		}
		f(c)
	}
	return nil
}

// settle lets everything happen that can, and tells the tenant of branches
// that landings moved, as a source does.
func (s *Scenario) settle() {
	w := s.world()
	for {
		w.Settle()
		if s.told == len(w.Merged) {
			return
		}
		r := w.Merged[s.told].Ref
		s.told++
		config := s.bringIn(r)
		w.Do(scheduler.TriggerEvent{
			ID: scheduler.EventID(fmt.Sprint("landed-", s.told)), Connection: "local", Type: "ref-updated", Time: w.Now,
			BranchUpdated: true, ConfigChanged: config,
			Ref: scheduler.Ref{
				Connection: "local", Project: r.Project, Name: r.Name, Branch: r.Branch,
				Ref: "refs/heads/" + r.Branch, NewRev: w.Merged[s.told-1].Commit,
			},
		})
	}
}

func (s *Scenario) fail(job scheduler.JobName, _ scheduler.Ref, items []scheduler.Ref) scheduler.Result {
	for _, f := range s.fails {
		if f.job == string(job) && slices.ContainsFunc(items, func(r scheduler.Ref) bool { return r.Number == f.change }) {
			return f.result
		}
	}
	return ""
}

func (s *Scenario) conflict(base []scheduler.Ref, r scheduler.Ref) bool {
	return slices.ContainsFunc(s.clashes, func(pair [2]int) bool {
		other := pair[0]
		if other == r.Number {
			other = pair[1]
		} else if pair[1] != r.Number {
			return false
		}
		here := func(b scheduler.Ref) bool { return b.Number == other }
		return slices.ContainsFunc(base, here) || slices.ContainsFunc(s.w.Merged, func(l Landing) bool { return here(l.Ref) })
	})
}

func (s *Scenario) configErrors(r scheduler.Ref) []string {
	if text := s.broken[r.Number]; text != "" {
		return []string{text}
	}
	return nil
}
