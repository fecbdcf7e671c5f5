package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/internal/client"
)

type autoholdCmd struct {
	tenantFlag
	Project            string `help:"Project of the builds." required:"" placeholder:"NAME"`
	Job                string `help:"Job of the builds." required:"" placeholder:"NAME"`
	Change             string `help:"Only builds of this change." placeholder:"NUMBER"`
	Ref                string `help:"Only builds of refs that this regular expression matches." placeholder:"REF"`
	Reason             string `help:"Why; it is shown with the request." required:"" placeholder:"TEXT"`
	Count              int    `help:"How many builds are kept." default:"1" placeholder:"N"`
	NodeHoldExpiration *int   `help:"How long each is kept, in seconds; 0 is as long as the server allows. Without it, the server's default." placeholder:"SECONDS"`
}

// Help implements kong's detailed help.
func (autoholdCmd) Help() string {
	return `Nodes and workspaces of builds that fail are kept, until their time is over or
the request is deleted. Of several requests the most specific one counts. A token
for the tenant is needed.

Examples:
  gozer autohold --project org/app --job unit --reason "the database hangs"
  gozer autohold --tenant acme --project org/app --job unit --change 12 --count 2 --node-hold-expiration 86400 --reason "it fails now and then"`
}

// Run asks to keep builds.
func (a *autoholdCmd) Run(e *env) error {
	if a.Change != "" && a.Ref != "" {
		return misused("--change and --ref can't be used together")
	}
	if strings.Contains(a.Change, ",") {
		return misused("--change is a number without patchset, not %q", a.Change)
	}
	c, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := a.pick(e, c)
	if err != nil {
		return err
	}
	body := map[string]any{
		"job": a.Job, "count": a.Count, "reason": a.Reason, "node_hold_expiration": a.NodeHoldExpiration, "change": orNil(a.Change), "ref": orNil(a.Ref),
	}
	path := "/api" + client.Path("tenant", tenant, "project") + projectPath(a.Project) + "/autohold"
	if _, err := c.Post(e.ctx, path, body); err != nil {
		return err
	}
	return showValue(e, body, func(w io.Writer, _ map[string]any) {
		fmt.Fprintf(w, "up to %d failing builds of %s will be kept; see: gozer autohold-list\n", a.Count, a.Job)
	})
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

type autoholdListCmd struct {
	tenantFlag
}

// Help implements kong's detailed help.
func (autoholdListCmd) Help() string {
	return "Examples:\n  gozer autohold-list\n  gozer autohold-list --tenant acme --output json"
}

// Run lists autohold requests.
func (l *autoholdListCmd) Run(e *env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := l.pick(e, c)
	if err != nil {
		return err
	}
	doc, err := c.Get(e.ctx, "/api"+client.Path("tenant", tenant, "autohold"), nil)
	if err != nil {
		return err
	}
	return show(e, doc, func(w io.Writer, list []client.Autohold) {
		if len(list) == 0 {
			fmt.Fprintln(w, "there are no autohold requests")
			return
		}
		rows := [][]string{{"ID", "TENANT", "PROJECT", "JOB", "REF FILTER", "COUNT", "MAX", "REASON"}}
		for _, a := range list {
			rows = append(rows, []string{a.ID, a.Tenant, a.Project, a.Job, a.RefFilter, strconv.Itoa(a.CurrentCount), strconv.Itoa(a.MaxCount), a.Reason})
		}
		table(w, rows)
	})
}

type autoholdInfoCmd struct {
	tenantFlag
	ID string `arg:"" help:"Number of the request."`
}

// Help implements kong's detailed help.
func (autoholdInfoCmd) Help() string {
	return "Examples:\n  gozer autohold-info 0000000012\n  gozer autohold-info 12 --output json"
}

// Run shows an autohold request.
func (i *autoholdInfoCmd) Run(e *env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := i.pick(e, c)
	if err != nil {
		return err
	}
	doc, err := c.Get(e.ctx, "/api"+client.Path("tenant", tenant, "autohold", i.ID), nil)
	if err != nil {
		return err
	}
	return show(e, doc, func(w io.Writer, a client.Autohold) {
		expiration, expired := "never", "-"
		if a.NodeExpiration != nil {
			expiration = (time.Duration(*a.NodeExpiration) * time.Second).String()
		}
		if a.Expired != nil {
			expired = time.UnixMilli(int64(*a.Expired * 1000)).UTC().Format(time.DateTime)
		}
		rows := [][]string{
			{"id", a.ID}, {"tenant", a.Tenant}, {"project", a.Project}, {"job", a.Job}, {"ref filter", a.RefFilter},
			{"max count", strconv.Itoa(a.MaxCount)}, {"current count", strconv.Itoa(a.CurrentCount)},
			{"node expiration", expiration}, {"request expired", expired}, {"reason", a.Reason},
		}
		for _, n := range a.Nodes {
			rows = append(rows, []string{"held", n.Build + " " + strings.Join(n.Nodes, " ")})
		}
		table(w, rows)
	})
}

type autoholdDeleteCmd struct {
	tenantFlag
	ID string `arg:"" help:"Number of the request."`
}

// Help implements kong's detailed help.
func (autoholdDeleteCmd) Help() string {
	return "What the request keeps is let go. A token for the tenant is needed.\n\nExamples:\n  gozer autohold-delete 0000000012"
}

// Run deletes an autohold request.
func (d *autoholdDeleteCmd) Run(e *env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	tenant, err := d.pick(e, c)
	if err != nil {
		return err
	}
	if err := c.Delete(e.ctx, "/api"+client.Path("tenant", tenant, "autohold", d.ID)); err != nil {
		return err
	}
	return showValue(e, map[string]any{"id": d.ID}, func(w io.Writer, _ map[string]any) {
		fmt.Fprintf(w, "autohold request %s is deleted\n", d.ID)
	})
}
