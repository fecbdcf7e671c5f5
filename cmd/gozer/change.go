package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/internal/client"
)

type changeCmd struct {
	List    changeListCmd    `cmd:"" help:"List changes, newest first."`
	Show    changeShowCmd    `cmd:"" help:"Show a change with its votes and comments."`
	Approve changeApproveCmd `cmd:"" help:"Give every vote that an approval needs."`
	Vote    changeVoteCmd    `cmd:"" help:"Set a label on the current patchset."`
	Comment changeCommentCmd `cmd:"" help:"Add a comment."`
	Abandon changeAbandonCmd `cmd:"" help:"Give a change up."`
	Restore changeRestoreCmd `cmd:"" help:"Take an abandoned change up again."`
}

type changeListCmd struct {
	connectionFlag
	Project string `help:"Of this project only." placeholder:"NAME"`
	Branch  string `help:"For this branch only." placeholder:"NAME"`
	Owner   string `help:"Of this person only." placeholder:"NAME"`
	Status  string `help:"open, merged, abandoned or all." enum:"open,merged,abandoned,all" default:"open" placeholder:"STATUS"`
	Limit   int    `help:"At most so many." default:"50" placeholder:"N"`
}

// Help implements kong's detailed help.
func (changeListCmd) Help() string {
	return "Examples:\n  gozer change list\n  gozer change list --status merged --project org/app --output json"
}

// Run lists changes.
func (l *changeListCmd) Run(e *env) error {
	q := url.Values{"limit": {strconv.Itoa(l.Limit)}}
	set(q, "project", l.Project)
	set(q, "branch", l.Branch)
	set(q, "owner", l.Owner)
	if l.Status != "all" {
		set(q, "status", l.Status)
	}
	c, err := e.connect()
	if err != nil {
		return err
	}
	doc, err := c.Get(e.ctx, l.path("changes"), q)
	if err != nil {
		return err
	}
	return show(e, doc, func(w io.Writer, list []client.Change) {
		rows := [][]string{{"CHANGE", "PROJECT", "BRANCH", "STATUS", "OWNER", "VOTES", "SUBJECT"}}
		for _, ch := range list {
			rows = append(rows, []string{
				fmt.Sprintf("%d,%d", ch.Number, ch.Patchset), ch.Project, ch.Branch, ch.Status, ch.Owner, votes(ch.Votes), ch.Subject,
			})
		}
		table(w, rows)
	})
}

func votes(list []client.Vote) string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		out = append(out, fmt.Sprintf("%s%+d", v.Label, v.Value))
	}
	return strings.Join(out, " ")
}

type changeShowCmd struct {
	connectionFlag
	Number int `arg:"" help:"Number of the change."`
}

// Help implements kong's detailed help.
func (changeShowCmd) Help() string { return "Example:\n  gozer change show 12" }

// Run shows a change.
func (s *changeShowCmd) Run(e *env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	doc, err := c.Get(e.ctx, s.path("changes", strconv.Itoa(s.Number)), nil)
	if err != nil {
		return err
	}
	return show(e, doc, showChange)
}

func showChange(w io.Writer, ch client.Change) {
	fmt.Fprintf(w, "%d,%d  %s\n", ch.Number, ch.Patchset, plain(ch.Subject))
	rows := [][]string{
		{"project", ch.Project}, {"branch", ch.Branch}, {"owner", ch.Owner}, {"status", ch.Status},
		{"commit", ch.Commit}, {"url", ch.URL}, {"votes", votes(ch.Votes)},
	}
	for _, more := range []struct{ name, text string }{
		{"lacks", strings.Join(ch.Missing, ", ")}, {"needs", numbers(ch.DependsOn)}, {"needed by", numbers(ch.NeededBy)},
	} {
		if more.text != "" {
			rows = append(rows, []string{more.name, more.text})
		}
	}
	table(w, rows)
	fmt.Fprintf(w, "\n%s\n", lines(ch.Message))
	for _, c := range ch.Comments {
		fmt.Fprintf(w, "\n%s on patchset %d, %s: %s\n", plain(c.Author), c.Patchset, plain(c.Created), votes(c.Votes))
		if c.Message != "" {
			fmt.Fprintln(w, lines(c.Message))
		}
	}
}

func numbers(list []int) string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = strconv.Itoa(n)
	}
	return strings.Join(out, ", ")
}

// acted tells how a change is after an action.
func acted(e *env, doc json.RawMessage) error {
	return show(e, doc, func(w io.Writer, ch client.Change) {
		fmt.Fprintf(w, "%d,%d %s: %s", ch.Number, ch.Patchset, ch.Status, votes(ch.Votes))
		if len(ch.Missing) > 0 {
			fmt.Fprintf(w, " (lacks %s)", plain(strings.Join(ch.Missing, ", ")))
		}
		fmt.Fprintln(w)
	})
}
