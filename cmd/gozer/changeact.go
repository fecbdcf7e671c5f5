package main

import (
	"strconv"
	"strings"
)

// actFlags are for what is done to changes.
type actFlags struct {
	connectionFlag
	Message string `help:"Comment that goes with it." short:"m" placeholder:"TEXT"`
}

// act does one thing to each change; the first refusal ends it.
func (f actFlags) act(e *env, numbers []int, verb string, body map[string]any) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	if f.Message != "" {
		body["message"] = f.Message
	}
	for _, n := range numbers {
		doc, err := c.Post(e.ctx, f.path("changes", strconv.Itoa(n), verb), body)
		if err != nil {
			return err
		}
		if err := acted(e, doc); err != nil {
			return err
		}
	}
	return nil
}

type changeApproveCmd struct {
	actFlags
	Numbers []int `arg:"" help:"Numbers of changes."`
}

// Help implements kong's detailed help.
func (changeApproveCmd) Help() string {
	return "Examples:\n  gozer change approve 12\n  gozer change approve 12 13 14"
}

// Run approves.
func (a *changeApproveCmd) Run(e *env) error { return a.act(e, a.Numbers, "approve", map[string]any{}) }

type changeVoteCmd struct {
	actFlags
	Number int    `arg:"" help:"Number of the change."`
	Vote   string `arg:"" help:"LABEL=VALUE, such as Code-Review=+1; 0 takes a vote back." placeholder:"LABEL=VALUE"`
}

// Help implements kong's detailed help.
func (changeVoteCmd) Help() string {
	return "Labels are Code-Review, Verified and Workflow, values -2 to 2.\n\nExamples:\n  gozer change vote 12 Code-Review=+2\n  gozer change vote 12 Workflow=-1 -m 'wait for the release'"
}

// Run votes.
func (v *changeVoteCmd) Run(e *env) error {
	label, text, ok := strings.Cut(v.Vote, "=")
	value, err := strconv.Atoi(text)
	if !ok || err != nil || label == "" {
		return misused("%q is not LABEL=VALUE, such as Code-Review=+1", v.Vote)
	}
	return v.act(e, []int{v.Number}, "vote", map[string]any{"label": label, "value": value})
}

type changeCommentCmd struct {
	connectionFlag
	Number  int    `arg:"" help:"Number of the change."`
	Comment string `arg:"" help:"What to say."`
}

// Help implements kong's detailed help.
func (changeCommentCmd) Help() string { return "Example:\n  gozer change comment 12 recheck" }

// Run comments.
func (c *changeCommentCmd) Run(e *env) error {
	return actFlags{c.connectionFlag, c.Comment}.act(e, []int{c.Number}, "comment", map[string]any{})
}

type changeAbandonCmd struct {
	actFlags
	Numbers []int `arg:"" help:"Numbers of changes."`
}

// Help implements kong's detailed help.
func (changeAbandonCmd) Help() string {
	return "Example:\n  gozer change abandon 12 -m 'not needed any more'"
}

// Run abandons.
func (a *changeAbandonCmd) Run(e *env) error { return a.act(e, a.Numbers, "abandon", map[string]any{}) }

type changeRestoreCmd struct {
	actFlags
	Numbers []int `arg:"" help:"Numbers of changes."`
}

// Help implements kong's detailed help.
func (changeRestoreCmd) Help() string { return "Example:\n  gozer change restore 12" }

// Run restores.
func (r *changeRestoreCmd) Run(e *env) error { return r.act(e, r.Numbers, "restore", map[string]any{}) }
