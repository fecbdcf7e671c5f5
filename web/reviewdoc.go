package web

import "time"

// reviewProjectDoc is a repository of the built-in code review.
type reviewProjectDoc struct {
	Name          string `json:"name"`
	DefaultBranch string `json:"default_branch"`
	CloneURL      string `json:"clone_url"`
	Created       string `json:"created"`
}

func reviewProjectOf(p ReviewProject) reviewProjectDoc {
	return reviewProjectDoc{p.Name, p.DefaultBranch, p.CloneURL, rfc3339(p.Created)}
}

// changeSummaryDoc is a change in a list.
type changeSummaryDoc struct {
	Number   int             `json:"number"`
	URL      string          `json:"url"`
	Project  string          `json:"project"`
	Branch   string          `json:"branch"`
	Subject  string          `json:"subject"`
	ChangeID *string         `json:"change_id"`
	Owner    string          `json:"owner"`
	Status   string          `json:"status"`
	Created  string          `json:"created"`
	Updated  string          `json:"updated"`
	Patchset int             `json:"patchset"`
	Commit   string          `json:"commit"`
	Votes    []reviewVoteDoc `json:"votes"`
	Missing  []string        `json:"missing"`
}

// changeDoc is a change with everything about it.
type changeDoc struct {
	changeSummaryDoc
	Message   string              `json:"message"`
	Patchsets []reviewPatchsetDoc `json:"patchsets"`
	Comments  []reviewCommentDoc  `json:"comments"`
	DependsOn []int               `json:"depends_on"`
	NeededBy  []int               `json:"needed_by"`
}

type reviewVoteDoc struct {
	Label string `json:"label"`
	Value int    `json:"value"`
	User  string `json:"user"`
}

type reviewPatchsetDoc struct {
	Number   int    `json:"number"`
	Commit   string `json:"commit"`
	Ref      string `json:"ref"`
	Uploader string `json:"uploader"`
	Created  string `json:"created"`
}

type reviewCommentDoc struct {
	Author   string          `json:"author"`
	Message  string          `json:"message"`
	Votes    []reviewVoteDoc `json:"votes"`
	Patchset int             `json:"patchset"`
	Created  string          `json:"created"`
}

func changeSummaryOf(ch ReviewChange) changeSummaryDoc {
	doc := changeSummaryDoc{
		Number: ch.Number, URL: ch.URL, Project: ch.Project, Branch: ch.Branch, Subject: ch.Subject, ChangeID: orNull(ch.ChangeID),
		Owner: ch.Owner, Status: ch.Status, Created: rfc3339(ch.Created), Updated: rfc3339(ch.Updated),
		Votes: votesOf(ch.Votes), Missing: orEmpty(ch.Missing),
	}
	if n := len(ch.Patchsets); n > 0 {
		doc.Patchset, doc.Commit = ch.Patchsets[n-1].Number, ch.Patchsets[n-1].Commit
	}
	return doc
}

func votesOf(votes []ReviewVote) []reviewVoteDoc {
	docs := make([]reviewVoteDoc, 0, len(votes))
	for _, v := range votes {
		docs = append(docs, reviewVoteDoc{v.Label, v.Value, v.User})
	}
	return docs
}

func changeOf(ch ReviewChange) changeDoc {
	doc := changeDoc{
		changeSummaryDoc: changeSummaryOf(ch), Message: ch.Message,
		Patchsets: []reviewPatchsetDoc{}, Comments: []reviewCommentDoc{},
		DependsOn: orEmpty(ch.DependsOn), NeededBy: orEmpty(ch.NeededBy),
	}
	for _, p := range ch.Patchsets {
		doc.Patchsets = append(doc.Patchsets, reviewPatchsetDoc{p.Number, p.Commit, p.Ref, p.Uploader, rfc3339(p.Created)})
	}
	for _, c := range ch.Comments {
		doc.Comments = append(doc.Comments, reviewCommentDoc{c.Author, c.Message, votesOf(c.Votes), c.Patchset, rfc3339(c.Created)})
	}
	return doc
}

// rfc3339 is how our own routes show times: UTC with a zone.
func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }
