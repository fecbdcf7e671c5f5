package main

import (
	"fmt"
	"io"

	"github.com/gozer-ci/gozer/internal/client"
)

type projectCmd struct {
	Create projectCreateCmd `cmd:"" help:"Make an empty repository."`
	List   projectListCmd   `cmd:"" help:"List repositories."`
}

type projectCreateCmd struct {
	connectionFlag
	Name          string `arg:"" help:"Name of the project, such as org/app."`
	DefaultBranch string `help:"Its default branch." default:"main" placeholder:"NAME"`
}

// Help implements kong's detailed help.
func (projectCreateCmd) Help() string {
	return `The tenant file says which tenants use the project.

Examples:
  gozer project create org/app
  gozer project create org/old --default-branch master`
}

// Run makes a repository.
func (p *projectCreateCmd) Run(e *env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	doc, err := c.Post(e.ctx, p.path("projects"), map[string]any{"name": p.Name, "default_branch": p.DefaultBranch})
	if err != nil {
		return err
	}
	return show(e, doc, func(w io.Writer, pr client.Project) {
		fmt.Fprintf(w, "%s is at %s\nnext: git clone %[2]s, commit, and make the branch with git push origin HEAD:refs/heads/%s\n",
			plain(pr.Name), plain(pr.CloneURL), plain(pr.DefaultBranch))
	})
}

type projectListCmd struct{ connectionFlag }

// Help implements kong's detailed help.
func (projectListCmd) Help() string { return "Example:\n  gozer project list" }

// Run lists repositories.
func (p *projectListCmd) Run(e *env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	doc, err := c.Get(e.ctx, p.path("projects"), nil)
	if err != nil {
		return err
	}
	return show(e, doc, func(w io.Writer, list []client.Project) {
		rows := [][]string{{"PROJECT", "BRANCH", "CLONE URL"}}
		for _, pr := range list {
			rows = append(rows, []string{pr.Name, pr.DefaultBranch, pr.CloneURL})
		}
		table(w, rows)
	})
}
