package schedtest

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gozer-ci/gozer/scheduler"
)

// branchVerbs tell the tenant what happened to branches beside its changes:
//
//	branch created org/project stable
//	branch updated org/project stable config
//	branch deleted org/project private unread
//
// The word config means that files of configuration were touched, unread that
// the tenant reads nothing from the branch. An operator may take the item of one
// out:
//
//	dequeue-branch periodic org/project stable
var branchVerbs = map[string]verbFunc{
	"branch":         (*Scenario).branch,
	"dequeue-branch": (*Scenario).dequeueBranch,
}

// branchExpect counts the layouts that were loaded: "expect layouts 2".
var branchExpect = map[string]verbFunc{
	"layouts": func(s *Scenario, a []string) error { return same(strconv.FormatUint(s.w.S.Loaded, 10), a[0]) },
}

func (s *Scenario) branch(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("which branch?")
	}
	w := s.world()
	happened, project, branch, words := args[0], args[1], args[2], args[3:]
	e := scheduler.TriggerEvent{
		ID: scheduler.EventID(fmt.Sprint("branch-", w.seq)), Connection: "local", Type: "ref-updated", Time: w.Now,
		BranchCreated: happened == "created", BranchDeleted: happened == "deleted", BranchUpdated: happened == "updated",
		ConfigChanged: slices.Contains(words, "config"), Unread: slices.Contains(words, "unread"),
		Ref: scheduler.Ref{
			Connection: "local", Project: Canonical(project), Name: project, Branch: branch, Ref: "refs/heads/" + branch,
		},
	}
	if !e.BranchCreated && !e.BranchDeleted && !e.BranchUpdated {
		return fmt.Errorf("%s is nothing that happens to a branch", happened)
	}
	w.Do(e)
	w.Settle()
	return nil
}

func (s *Scenario) dequeueBranch(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("which branch, and out of which pipeline?")
	}
	w := s.world()
	w.Do(scheduler.DequeueRef{
		ID: scheduler.EventID(fmt.Sprint("command-", w.seq)), Pipeline: scheduler.PipelineName(args[0]), Actor: "operator",
		Ref: scheduler.Ref{Project: Canonical(args[1]), Name: args[1], Ref: "refs/heads/" + args[2]},
	})
	return nil
}
