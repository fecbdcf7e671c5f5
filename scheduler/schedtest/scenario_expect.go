package schedtest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// expect states a number or an order that the specification gives:
//
//	expect merged A C            expect builds 6
//	expect open B                expect history 15
//	expect reported A 2          expect aborted 4
//	expect window gate org/project 1
//	expect queues check 0        expect items gate 0
//	expect resets B 1            expect message B some text
func (s *Scenario) expect(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("expect what?")
	}
	what, rest := args[0], args[1:]
	switch what {
	case "merged":
		return same(s.landed(), strings.Join(rest, " "))
	case "open":
		return s.expectOpen(rest)
	case "reported":
		c, err := s.change(rest[0])
		if err != nil {
			return err
		}
		return same(strconv.Itoa(len(s.reportsOf(c))), rest[1])
	case "builds":
		return same(strconv.Itoa(len(s.w.Running)), rest[0])
	case "history":
		return same(strconv.Itoa(len(s.w.History)), rest[0])
	case "aborted":
		return same(strconv.Itoa(s.aborted()), rest[0])
	case "queues":
		return same(strconv.Itoa(len(s.w.S.Pipeline(scheduler.PipelineName(rest[0])).Queues)), rest[1])
	case "items":
		n := 0
		for _, q := range s.w.S.Pipeline(scheduler.PipelineName(rest[0])).Queues {
			n += len(q.Items)
		}
		return same(strconv.Itoa(n), rest[1])
	case "window":
		return s.expectWindow(rest)
	case "message":
		return s.expectMessage(rest)
	case "resets":
		return s.expectResets(rest)
	}
	for _, set := range expectTables {
		if f, ok := set[what]; ok {
			return f(s, rest)
		}
	}
	return fmt.Errorf("unknown expectation %q", what)
}

// expectTables are further expectations, by topic.
var expectTables = []map[string]verbFunc{
	pipelineExpect,
	controlExpect,
	branchExpect,
	tenantExpect,
}

func same(got, want string) error {
	if got != want {
		return fmt.Errorf("got %q", got)
	}
	return nil
}

func (s *Scenario) expectOpen(names []string) error {
	merged := ""
	err := s.each(names, func(c *scheduler.Change) {
		if c.Merged {
			merged = s.names[c.Number]
		}
	})
	if err == nil && merged != "" {
		err = fmt.Errorf("%s has merged", merged)
	}
	return err
}

func (s *Scenario) aborted() int {
	n := 0
	for _, b := range s.w.History {
		if b.Result == scheduler.ResultAborted {
			n++
		}
	}
	return n
}

func (s *Scenario) expectWindow(args []string) error {
	for _, q := range s.w.S.Pipeline(scheduler.PipelineName(args[0])).Queues {
		if strings.TrimPrefix(string(q.Name), "local/") == args[1] {
			return same(strconv.Itoa(q.Window), args[2])
		}
	}
	return fmt.Errorf("no such queue")
}

// expectMessage wants a text in the last message about a change.
func (s *Scenario) expectMessage(args []string) error {
	c, err := s.change(args[0])
	if err != nil {
		return err
	}
	reports := s.reportsOf(c)
	text := strings.Join(args[1:], " ")
	if len(reports) == 0 || !strings.Contains(reports[len(reports)-1].Message, text) {
		return fmt.Errorf("the last message about it does not say so")
	}
	return nil
}

// expectResets wants a change's item to have lost its work so many times.
func (s *Scenario) expectResets(args []string) error {
	for _, p := range s.w.S.Pipelines {
		for _, q := range p.Queues {
			for _, it := range q.Items {
				if s.names[it.Refs[0].Number] == args[0] && it.Live {
					return same(strconv.Itoa(it.Resets), args[1])
				}
			}
		}
	}
	return fmt.Errorf("it is in no queue")
}
