package main

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/gozer-ci/gozer/internal/client"
)

// refFlags say which ref of which pipeline is meant.
type refFlags struct {
	tenantFlag
	connectionFlag
	Pipeline string `arg:"" help:"Pipeline."`
	Ref      string `arg:"" help:"Change (12 or 12,1) or full name of a ref (refs/heads/main)."`
	Project  string `help:"Project; not needed for changes of the built-in code review." placeholder:"NAME"`
}

var changeID = regexp.MustCompile(`^[0-9]+(,[0-9]+)?$`)

// request completes what was left out, and returns the API's path and body.
func (f *refFlags) request(e *env, c *client.Client, verb string) (string, map[string]any, error) {
	tenant, err := f.pick(e, c)
	if err != nil {
		return "", nil, err
	}
	body := map[string]any{"pipeline": f.Pipeline}
	project := f.Project
	switch {
	case changeID.MatchString(f.Ref):
		id := f.Ref
		if number, _, ok := strings.Cut(id, ","); !ok || project == "" {
			if id, project, err = f.look(e, c, number); err != nil {
				return "", nil, err
			}
		}
		body["change"] = id
	case strings.HasPrefix(f.Ref, "refs/"):
		body["ref"] = f.Ref
	default:
		return "", nil, misused("%q is neither a change (12 or 12,1) nor a ref (refs/heads/main)", f.Ref)
	}
	if project == "" {
		return "", nil, misused("which project has %s? Say --project", f.Ref)
	}
	return "/api" + client.Path("tenant", tenant, "project") + projectPath(project) + client.Path(verb), body, nil
}

// look finds the patchset and the project of a change, where they are not said.
func (f *refFlags) look(e *env, c *client.Client, number string) (id, project string, err error) {
	doc, err := c.Get(e.ctx, f.path("changes", number), nil)
	if err != nil {
		return "", "", err
	}
	var ch client.Change
	if err := json.Unmarshal(doc, &ch); err != nil {
		return "", "", fmt.Errorf("find change %s: %w", number, err)
	}
	id, project = f.Ref, f.Project
	if !strings.Contains(id, ",") {
		id = fmt.Sprintf("%d,%d", ch.Number, ch.Patchset)
	}
	if project == "" {
		project = ch.Project
	}
	return id, project, nil
}

// send asks for it.
func (f *refFlags) send(e *env, verb, done string, more map[string]string) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	path, body, err := f.request(e, c, verb)
	if err != nil {
		return err
	}
	for name, value := range more {
		if value != "" {
			body[name] = value
		}
	}
	if _, err := c.Post(e.ctx, path, body); err != nil {
		return err
	}
	return showValue(e, body, func(w io.Writer, _ map[string]any) {
		fmt.Fprintf(w, "%s %s %s; see: gozer status\n", f.Ref, done, f.Pipeline)
	})
}

type enqueueCmd struct {
	refFlags
	OldRev string `help:"Commit before, for a ref." placeholder:"COMMIT"`
	NewRev string `help:"Commit to test, for a ref; without it the tip." placeholder:"COMMIT"`
}

// Help implements kong's detailed help.
func (enqueueCmd) Help() string {
	return `The pipeline's triggers and requirements do not matter. A token for the tenant is needed.

Examples:
  gozer enqueue gate 12
  gozer enqueue --tenant acme post refs/heads/main --project org/app`
}

// Run enqueues.
func (q *enqueueCmd) Run(e *env) error {
	return q.send(e, "enqueue", "is sent to", map[string]string{"oldrev": q.OldRev, "newrev": q.NewRev})
}
