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
// the tenant reads nothing from the branch.
var branchVerbs = map[string]verbFunc{"branch": (*Scenario).branch}

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
