package local

import (
	"context"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// UnknownProject is the project of a dependency that names no change of this
// server. No change is ever in it, so that a gate keeps what needs it out.
const UnknownProject scheduler.ProjectName = "unknown"

// Closure implements source.Source.
func (s *Source) Closure(_ context.Context, project string, number int) ([]scheduler.Change, error) {
	var all []scheduler.Change
	err := s.db.View(func(tx *bbolt.Tx) error {
		c, err := loadChange(tx, number)
		if err != nil {
			return err
		}
		if c.Project != project {
			return refusal(source.CodeNotFound, "change %d is in project %s, not in %s", number, c.Project, project)
		}
		all, err = s.closure(tx, number)
		return err
	})
	return all, err
}

// closure collects a change, what it needs, and the open changes that need it,
// those of one topic as if they needed each other.
func (s *Source) closure(tx *bbolt.Tx, number int) ([]scheduler.Change, error) {
	w := closureWalk{source: s, tx: tx, seen: map[int]bool{}}
	if err := w.needs(number); err != nil {
		return nil, err
	}
	needers, found := []int{number}, map[int]bool{number: true}
	for ; len(needers) > 0 && len(w.all) < source.MaxClosure; needers = needers[1:] {
		next, err := needersOf(tx, needers[0])
		if err != nil {
			return nil, err
		}
		for _, n := range next {
			c, err := loadChange(tx, n)
			if err != nil {
				return nil, err
			}
			if found[n] || c.Status != StatusOpen {
				continue
			}
			found[n] = true
			if err := w.needs(n); err != nil {
				return nil, err
			}
			needers = append(needers, n)
		}
	}
	return w.all, nil
}

// needersOf lists the changes that need one or share its topic.
func needersOf(tx *bbolt.Tx, number int) ([]int, error) {
	numbers := numbersUnder(tx, bucketNeeders, numberKey(number))
	c, err := loadChange(tx, number)
	if err == nil && c.Topic != "" {
		numbers = append(numbers, numbersUnder(tx, bucketIndex, joinKey(indexTopic, c.Topic))...)
	}
	return numbers, err
}

type closureWalk struct {
	source *Source
	tx     *bbolt.Tx
	seen   map[int]bool
	all    []scheduler.Change
}

// needs adds a change and then all that it needs, nearest first. What merged
// or abandoned changes need is of no interest.
func (w *closureWalk) needs(number int) error {
	if w.seen[number] {
		return nil
	}
	w.seen[number] = true
	for queue := []int{number}; len(queue) > 0 && len(w.all) < source.MaxClosure; queue = queue[1:] {
		c, err := loadChange(w.tx, queue[0])
		if err != nil {
			return err
		}
		facts := w.source.facts(w.tx, c)
		w.all = append(w.all, facts)
		if c.Status != StatusOpen && queue[0] != number {
			continue
		}
		for _, need := range facts.Needs {
			if n := need.Change.Number; need.Change.Project != UnknownProject && !w.seen[n] {
				w.seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	return nil
}

// ref names a patchset of a change for the core.
func (s *Source) ref(c *Change, patchset int) scheduler.Ref {
	return scheduler.Ref{
		Connection: s.cfg.Connection,
		Project:    source.ProjectName(s.CanonicalHost(), c.Project),
		Name:       c.Project,
		Branch:     c.Branch,
		Ref:        c.Ref(patchset),
		Number:     c.Number,
		Patchset:   patchset,
		URL:        s.URL(c.Number),
		Owner:      c.Owner,
	}
}

// facts says about a change what the core wants to know.
func (s *Source) facts(tx *bbolt.Tx, c *Change) scheduler.Change {
	current := c.Current()
	return scheduler.Change{
		Ref:           s.ref(c, current.Number),
		Open:          c.Status == StatusOpen,
		Merged:        c.Status == StatusMerged,
		Blocked:       c.Blocked(),
		MissingLabels: c.MissingLabels(),
		Votes:         slices.Clone(c.Votes),
		Needs:         s.needs(tx, c),
		Subject:       c.Subject,
		Topic:         c.Topic,
		Commit:        current.Commit,
	}
}

// Blocked reports whether someone vetoes the change: any -2, or Workflow -1.
// Gozer's own votes never veto, since a later report replaces them.
func (c *Change) Blocked() bool {
	return slices.ContainsFunc(c.Votes, func(v scheduler.Vote) bool {
		return v.Username != Robot && (v.Value == -2 || v.Label == LabelWorkflow && v.Value == -1)
	})
}

// MissingLabels are the labels that need a positive vote before the change may
// merge and have none.
func (c *Change) MissingLabels() []string {
	var missing []string
	for _, label := range []string{LabelVerified, LabelWorkflow} {
		if !slices.ContainsFunc(c.Votes, func(v scheduler.Vote) bool { return v.Label == label && v.Value > 0 }) {
			missing = append(missing, label)
		}
	}
	return missing
}

// needs lists the dependencies of a change: git parents, then Depends-On lines.
func (s *Source) needs(tx *bbolt.Tx, c *Change) []scheduler.Need {
	var needs []scheduler.Need
	for _, p := range c.Current().Parents {
		needs = append(needs, scheduler.Need{
			Change:   scheduler.ChangeKey{Project: source.ProjectName(s.CanonicalHost(), c.Project), Number: p.Change},
			Patchset: p.Patchset, Parent: true,
		})
	}
	for _, link := range c.Current().DependsOn {
		if s.elsewhere(link) {
			continue
		}
		need := scheduler.Need{Change: s.resolve(tx, link)}
		known := func(n scheduler.Need) bool { return n.Change == need.Change }
		if need.Change.Number != c.Number && !slices.ContainsFunc(needs, known) {
			needs = append(needs, need)
		}
	}
	return needs
}

// resolve finds the change that a Depends-On line names. The answer may become
// better with time, when the number comes into use.
func (s *Source) resolve(tx *bbolt.Tx, link string) scheduler.ChangeKey {
	number, ours := s.changeNumber(link)
	if !ours {
		return scheduler.ChangeKey{Project: UnknownProject, Number: number}
	}
	c, err := loadChange(tx, number)
	if err != nil {
		return scheduler.ChangeKey{Project: UnknownProject, Number: number}
	}
	return scheduler.ChangeKey{Project: source.ProjectName(s.CanonicalHost(), c.Project), Number: number}
}

// changeNumber parses the URL of a change's page. The port does not matter,
// and the names of this machine are as good as the public name, since a server
// on a workstation is known under several.
func (s *Source) changeNumber(link string) (number int, ours bool) {
	u, err := url.Parse(link)
	if err != nil {
		return 0, false
	}
	path := strings.TrimSuffix(u.Path, "/")
	number, err = strconv.Atoi(path[strings.LastIndexByte(path, '/')+1:])
	if err != nil || number <= 0 {
		return 0, false
	}
	web := u.Scheme == "http" || u.Scheme == "https"
	return number, web && s.near(u.Hostname()) && path == s.public.Path+"/change/"+strconv.Itoa(number)
}

func (s *Source) near(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, s.public.Hostname()) || host == "localhost" || ip != nil && ip.IsLoopback()
}

// elsewhere reports whether a Depends-On line names another server. As in
// Zuul, what no connection knows is not waited for; the author is told.
func (s *Source) elsewhere(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.Host != "" && !s.near(u.Hostname())
}

var dependsOn = regexp.MustCompile(`(?im)^depends-on:[ \t]*(\S+)[ \t]*$`)

// maxDependsOn bounds how many Depends-On lines of one message count.
const maxDependsOn = 100

// parseDependsOn returns the URLs of a message's Depends-On lines in order
// (Zuul documentation, "Cross-Project Dependencies").
func parseDependsOn(message string) []string {
	var links []string
	for _, m := range dependsOn.FindAllStringSubmatch(strings.ReplaceAll(message, "\r", ""), maxDependsOn) {
		if !slices.Contains(links, m[1]) {
			links = append(links, m[1])
		}
	}
	return links
}
