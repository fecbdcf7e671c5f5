package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// client has no keep-alive: a killed server must not leave half of it behind.
var client = &http.Client{
	Timeout:   30 * time.Second,
	Transport: &http.Transport{DisableKeepAlives: true},
}

// refusal is an answer that is none of success.
type refusal struct {
	status int
	body   string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d: %s", r.status, r.body) }

// call sends a request and decodes the answer into out: JSON, or *string for
// the text as it is.
func (s *server) call(ctx context.Context, token, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	data, err := answer(req)
	switch out := out.(type) {
	case nil:
		return err
	case *string:
		*out = string(data)
		return err
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(data, out)
}

func answer(req *http.Request) ([]byte, error) {
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		return nil, &refusal{resp.StatusCode, string(data)}
	}
	return data, nil
}

// get reads a document that must be there.
func (s *server) get(path string, out any) {
	s.t.Helper()
	if err := s.call(s.t.Context(), "", "GET", path, nil, out); err != nil {
		s.t.Fatalf("GET %s: %v", path, err)
	}
}

// post sends what must be accepted.
func (s *server) post(who person, path string, in any) {
	s.t.Helper()
	if err := s.call(s.t.Context(), who.token, "POST", path, in, nil); err != nil {
		s.t.Fatalf("POST %s: %v", path, err)
	}
}

// The parts of the API's answers that the tests read.
type (
	changeDoc struct {
		Number    int       `json:"number"`
		Status    string    `json:"status"`
		Commit    string    `json:"commit"`
		Patchset  int       `json:"patchset"`
		Votes     []voteDoc `json:"votes"`
		Patchsets []struct {
			Number int    `json:"number"`
			Commit string `json:"commit"`
		} `json:"patchsets"`
		Comments []struct {
			Author   string `json:"author"`
			Message  string `json:"message"`
			Patchset int    `json:"patchset"`
		} `json:"comments"`
	}
	voteDoc struct {
		Label string `json:"label"`
		Value int    `json:"value"`
		User  string `json:"user"`
	}
	buildDoc struct {
		UUID     string  `json:"uuid"`
		Job      string  `json:"job_name"`
		Result   *string `json:"result"`
		Final    *bool   `json:"final"`
		Pipeline string  `json:"pipeline"`
		Detail   *string `json:"error_detail"`
		Ref      struct {
			Project  string  `json:"project"`
			Change   *int    `json:"change"`
			Patchset *string `json:"patchset"`
		} `json:"ref"`
		Buildset struct {
			UUID string `json:"uuid"`
		} `json:"buildset"`
	}
	buildsetDoc struct {
		UUID string `json:"uuid"`
		Refs []struct {
			Project string `json:"project"`
			NewRev  string `json:"newrev"`
		} `json:"refs"`
	}
	statusDoc struct {
		Pipelines []struct {
			Name   string `json:"name"`
			Queues []struct {
				Heads [][]itemDoc `json:"heads"`
			} `json:"change_queues"`
		} `json:"pipelines"`
	}
	itemDoc struct {
		ID   string `json:"id"`
		Refs []struct {
			ID      string `json:"id"`
			Project string `json:"project"`
		} `json:"refs"`
		Jobs []struct {
			Name   string   `json:"name"`
			UUID   *string  `json:"uuid"`
			Start  *float64 `json:"start_time"`
			Result *string  `json:"result"`
		} `json:"jobs"`
	}
	historyDoc struct {
		Items []struct {
			ID        string  `json:"id"`
			Pipeline  string  `json:"pipeline"`
			Result    *string `json:"result"`
			Decisions []struct {
				Kind string `json:"kind"`
				Text string `json:"text"`
			} `json:"decisions"`
		} `json:"items"`
	}
)

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// vote is somebody's vote for a label; 0 is none.
func (c changeDoc) vote(label, user string) int {
	for _, v := range c.Votes {
		if v.Label == label && v.User == user {
			return v.Value
		}
	}
	return 0
}

// said lists what Gozer commented on the change.
func (c changeDoc) said() []string {
	var out []string
	for _, m := range c.Comments {
		if m.Author == "gozer" {
			out = append(out, m.Message)
		}
	}
	return out
}

func (s *server) change(n int) (c changeDoc) {
	s.t.Helper()
	s.get(changePath(n), &c)
	return c
}

func changePath(n int) string { return fmt.Sprintf("/api/connection/local/changes/%d", n) }

// approve gives a change the votes that the gate wants.
func (s *server) approve(n int) {
	s.t.Helper()
	s.post(s.admin, changePath(n)+"/approve", map[string]string{})
}

// awaitChange waits until a change is as ok wants it.
func (s *server) awaitChange(n int, what string, ok func(changeDoc) bool) (c changeDoc) {
	s.t.Helper()
	s.await(fmt.Sprintf("change %d %s", n, what), func() (bool, error) {
		c = changeDoc{}
		err := s.call(s.t.Context(), "", "GET", changePath(n), nil, &c)
		return ok(c), err
	})
	return c
}

func (s *server) awaitMerged(n int) changeDoc {
	s.t.Helper()
	c := s.awaitChange(n, "merges or fails", func(c changeDoc) bool { return c.Status == "merged" || c.vote("Verified", "gozer") == -2 })
	if c.Status != "merged" {
		s.t.Fatalf("change %d was refused: %q", n, c.said())
	}
	return c
}

func (s *server) awaitVerified(n, value int) changeDoc {
	s.t.Helper()
	return s.awaitChange(n, fmt.Sprintf("has Verified%+d", value), func(c changeDoc) bool {
		return c.vote("Verified", "gozer") == value
	})
}

// items lists what a pipeline of a tenant works on.
func (s *server) items(ctx context.Context, tenant string, pipelines ...string) ([]itemDoc, error) {
	var doc statusDoc
	if err := s.call(ctx, "", "GET", "/api/tenant/"+tenant+"/status", nil, &doc); err != nil {
		return nil, err
	}
	var out []itemDoc
	for _, p := range doc.Pipelines {
		if len(pipelines) > 0 && !slices.Contains(pipelines, p.Name) {
			continue
		}
		for _, q := range p.Queues {
			for _, head := range q.Heads {
				out = append(out, head...)
			}
		}
	}
	return out, nil
}

// awaitBuild waits until a job of a change runs and returns its build.
func (s *server) awaitBuild(tenant, pipeline, job string) (uuid string) {
	s.t.Helper()
	s.await("job "+job+" runs", func() (bool, error) {
		items, err := s.items(s.t.Context(), tenant, pipeline)
		for _, it := range items {
			for _, j := range it.Jobs {
				if j.Name == job && j.UUID != nil && j.Start != nil && j.Result == nil {
					uuid = *j.UUID
					return true, nil
				}
			}
		}
		return false, err
	})
	return uuid
}

// builds lists the history of builds.
func (s *server) builds(tenant, query string) (list []buildDoc) {
	s.t.Helper()
	s.get("/api/tenant/"+tenant+"/builds?limit=5000&"+query, &list)
	return list
}

// settled waits until the history has the end of every build: it follows the
// log, and a merge can be seen in the repository a little earlier.
func (s *server) settled(tenant string) (list []buildDoc) {
	s.t.Helper()
	s.await("the history of "+tenant+" is complete", func() (bool, error) {
		list = s.builds(tenant, "")
		return !slices.ContainsFunc(list, func(b buildDoc) bool { return b.Result == nil }), nil
	})
	return list
}

// console is the archived console of a build.
func (s *server) console(uuid string) (out string) {
	s.t.Helper()
	s.get("/logs/"+uuid+"/job-output.txt", &out)
	return out
}

// configErrors lists what is wrong with a tenant's configuration.
func (s *server) configErrors(tenant string) []string {
	s.t.Helper()
	var list []struct {
		Error string `json:"error"`
	}
	s.get("/api/tenant/"+tenant+"/config-errors", &list)
	var out []string
	for _, e := range list {
		out = append(out, e.Error)
	}
	return out
}
