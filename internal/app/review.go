package app

import (
	"context"

	"github.com/gozer-ci/gozer/internal/source/local"
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
)

// review shows the built-in code review to the web.
type review struct {
	src *local.Source
	url string
}

func (r review) project(p local.Project) web.ReviewProject {
	return web.ReviewProject{Name: p.Name, DefaultBranch: p.DefaultBranch, CloneURL: r.url + "/git/" + p.Name, Created: p.Created}
}

func (r review) Projects(context.Context) ([]web.ReviewProject, error) {
	list, err := r.src.Projects()
	if err != nil {
		return nil, err
	}
	out := make([]web.ReviewProject, len(list))
	for i, p := range list {
		out[i] = r.project(p)
	}
	return out, nil
}

func (r review) CreateProject(ctx context.Context, _, name, defaultBranch string) (web.ReviewProject, error) {
	p, err := r.src.CreateProject(ctx, name, defaultBranch)
	if err != nil {
		return web.ReviewProject{}, err
	}
	return r.project(p), nil
}

func (r review) Changes(_ context.Context, f web.ChangeFilter) ([]web.ReviewChange, error) {
	list, err := r.src.Changes(local.Filter{
		Project: f.Project, Branch: f.Branch, Status: local.Status(f.Status), Owner: f.Owner, Limit: f.Limit + f.Skip,
	})
	if err != nil {
		return nil, err
	}
	list = list[min(f.Skip, len(list)):]
	out := make([]web.ReviewChange, len(list))
	for i, c := range list {
		out[i] = r.change(c)
		out[i].Patchsets = out[i].Patchsets[len(out[i].Patchsets)-1:]
	}
	return out, nil
}

func (r review) Change(ctx context.Context, number int) (web.ReviewChange, error) {
	c, err := r.src.Change(number)
	if err != nil {
		return web.ReviewChange{}, err
	}
	out := r.change(c)
	comments, err := r.src.Comments(number)
	if err != nil {
		return out, err
	}
	for _, m := range comments {
		out.Comments = append(out.Comments, web.ReviewComment{
			Author: m.Author, Message: m.Message, Votes: reviewVotes(m.Votes), Patchset: m.Patchset, Created: m.Created,
		})
	}
	facts, err := r.src.Closure(ctx, c.Project, number)
	if err != nil {
		return out, err
	}
	relate(&out, facts)
	return out, nil
}

// change renders a change with all its patchsets, without its conversation.
func (r review) change(c local.Change) web.ReviewChange {
	out := web.ReviewChange{
		Number: c.Number, Project: c.Project, Branch: c.Branch, Subject: c.Subject, Message: c.Current().Message,
		ChangeID: c.ChangeID, Owner: c.Owner, Status: string(c.Status), URL: r.src.URL(c.Number),
		Created: c.Created, Updated: c.Updated, Votes: reviewVotes(c.Votes),
	}
	for _, p := range c.Patchsets {
		out.Patchsets = append(out.Patchsets, web.ReviewPatchset{
			Number: p.Number, Commit: p.Commit, Ref: c.Ref(p.Number), Uploader: p.Uploader, Created: p.Created,
		})
	}
	return out
}

func reviewVotes(votes []scheduler.Vote) []web.ReviewVote {
	var out []web.ReviewVote
	for _, v := range votes {
		out = append(out, web.ReviewVote{Label: v.Label, Value: v.Value, User: v.Username})
	}
	return out
}

// relate adds what the facts tell of dependencies and of what is missing.
func relate(out *web.ReviewChange, facts []scheduler.Change) {
	for i, f := range facts {
		if i == 0 {
			out.Missing = f.MissingLabels
			for _, n := range f.Needs {
				out.DependsOn = append(out.DependsOn, n.Change.Number)
			}
			continue
		}
		for _, n := range f.Needs {
			if n.Change == facts[0].Key() {
				out.NeededBy = append(out.NeededBy, f.Number)
			}
		}
	}
}

func (r review) Diff(ctx context.Context, number, patchset int) ([]byte, error) {
	text, truncated, err := r.src.Diff(ctx, number, patchset)
	if truncated {
		text = append(text, "\n(the rest of the diff is too long to show; fetch the change to see it)\n"...)
	}
	return text, err
}

func (r review) Vote(_ context.Context, actor string, number int, v web.ReviewVote) error {
	return r.src.Vote(actor, number, v.Label, v.Value, v.Message)
}

func (r review) Approve(_ context.Context, actor string, number int, message string) error {
	return r.src.Approve(actor, number, message)
}

func (r review) Comment(_ context.Context, actor string, number int, message string) error {
	return r.src.Comment(actor, number, message)
}

func (r review) Abandon(_ context.Context, actor string, number int, message string) error {
	return r.src.Abandon(actor, number, message)
}

func (r review) Restore(_ context.Context, actor string, number int, message string) error {
	return r.src.Restore(actor, number, message)
}
