package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/config"
)

const (
	enqueue = "/api/tenant/acme/project/org/app/enqueue"
	dequeue = "/api/tenant/acme/project/org/app/dequeue"
	status  = "/api/tenant/acme/status"
)

// build is a build of the history.
type build struct {
	UUID     string  `json:"uuid"`
	Job      string  `json:"job_name"`
	Result   *string `json:"result"`
	Pipeline string  `json:"pipeline"`
	LogURL   *string `json:"log_url"`
	Ref      struct {
		Ref    string `json:"ref"`
		NewRev string `json:"newrev"`
	} `json:"ref"`
}

// awaitBuild waits until the newest build of a pipeline has ended.
func (s *server) awaitBuild(tenant, pipeline, result string) (b build) {
	s.t.Helper()
	s.await("a build of "+pipeline+" ends with "+result, func() bool {
		var list []build
		s.get("/api/tenant/"+tenant+"/builds?limit=1&pipeline="+pipeline, &list)
		if len(list) == 0 || list[0].Result == nil {
			return false
		}
		b = list[0]
		return *b.Result == result
	})
	return b
}

func TestWhoWritesReadsIt(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme})
	s.acme().propose(files{"x": "x\n"})
	admin := s.token("ada", "acme")
	a := s.want(s.call(admin, "POST", enqueue, `{"pipeline":"hold","change":"1,1"}`), http.StatusOK, "true")
	seq := a.header.Get("Gozer-Seq")
	if seq == "" {
		t.Fatal("no Gozer-Seq")
	}
	a = s.want(s.call("", "GET", status, "", "Gozer-Min-Seq", seq), http.StatusOK, `"1,1"`)
	if a.header.Get("Gozer-Seq") < seq {
		t.Errorf("status is of %s, asked for %s", a.header.Get("Gozer-Seq"), seq)
	}
	s.await("the build runs", func() bool {
		var list []build
		s.get("/api/tenant/acme/builds?pipeline=hold", &list)
		return len(list) == 1 && strings.Contains(s.call("", "GET", "/api/tenant/acme/build/"+list[0].UUID+"/console?live=false", "").body, "waiting")
	})
	a = s.want(s.call(admin, "POST", dequeue, `{"pipeline":"hold","change":"1,1"}`), http.StatusOK)
	if a = s.call("", "GET", status, "", "Gozer-Min-Seq", a.header.Get("Gozer-Seq")); strings.Contains(a.body, `"1,1"`) {
		t.Errorf("the change is still there: %s", a.body)
	}
	if b := s.awaitBuild("acme", "hold", "CANCELED"); b.Job != "wait" {
		t.Errorf("build %+v", b)
	}
	s.await("the job is stopped", func() bool { return s.workspaces() == 0 })
}

func TestEnqueuedBranchAndTag(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme})
	app := s.acme()
	tip := app.git("rev-parse", "HEAD")
	app.git("tag", "-a", "-m", "v1", "v1")
	app.git("push", "-q", "origin", "v1")
	admin := s.token("ada", "acme")
	for _, ref := range []string{"refs/heads/main", "refs/tags/v1"} {
		s.want(s.call(admin, "POST", enqueue, `{"pipeline":"quick","ref":"`+ref+`"}`), http.StatusOK)
		s.await(ref+" is built", func() bool {
			b := s.awaitBuild("acme", "quick", "SUCCESS")
			return b.Ref.Ref == ref && b.Ref.NewRev != ""
		})
	}
	s.want(s.call(admin, "POST", enqueue, `{"pipeline":"quick","ref":"refs/heads/main","oldrev":"`+strings.Repeat("0", 40)+`","newrev":"`+tip+`"}`), http.StatusOK)
	s.await("the commit is built", func() bool { return s.awaitBuild("acme", "quick", "SUCCESS").Ref.NewRev == tip })
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme + "- tenant: {name: other, source: {local: {config-projects: [config]}}}\n"})
	s.acme().propose(files{"x": "x\n"})
	s.awaitReady("other", "hold")
	user, acmeAdmin, otherAdmin, all := s.token("eve"), s.token("ada", "acme"), s.token("bob", "other"), s.token("root", "*")
	const change = `{"pipeline":"hold","change":"1,1"}`
	for name, c := range map[string]struct {
		token, path, body string
		status            int
		words             string
	}{
		"no token":            {"", enqueue, change, http.StatusUnauthorized, ""},
		"wrong token":         {"nonsense", enqueue, change, http.StatusUnauthorized, ""},
		"user":                {user, enqueue, change, http.StatusForbidden, "eve is no administrator"},
		"admin of another":    {otherAdmin, enqueue, change, http.StatusForbidden, "bob is no administrator"},
		"admin":               {acmeAdmin, enqueue, change, http.StatusOK, "true"},
		"admin of all":        {all, enqueue, change, http.StatusOK, "true"},
		"old patchset":        {all, enqueue, `{"pipeline":"hold","change":"1,2"}`, http.StatusBadRequest, "current patchset is 1"},
		"unknown change":      {all, enqueue, `{"pipeline":"hold","change":"9,1"}`, http.StatusNotFound, "9"},
		"no change":           {all, enqueue, `{"pipeline":"hold","change":"main"}`, http.StatusBadRequest, "number,patchset"},
		"unknown pipeline":    {all, enqueue, `{"pipeline":"absent","change":"1,1"}`, http.StatusBadRequest, "absent"},
		"no pipeline":         {all, enqueue, `{"change":"1,1"}`, http.StatusBadRequest, "Missing pipeline"},
		"nothing":             {all, enqueue, `{"pipeline":"hold"}`, http.StatusBadRequest, "change or ref"},
		"unknown branch":      {all, enqueue, `{"pipeline":"hold","ref":"refs/heads/absent"}`, http.StatusNotFound, "has no refs/heads/absent"},
		"odd ref":             {all, enqueue, `{"pipeline":"hold","ref":"refs/heads/main\nx"}`, http.StatusNotFound, ""},
		"unknown project":     {all, "/api/tenant/acme/project/org/absent/enqueue", change, http.StatusNotFound, "nknown project"},
		"project of acme":     {all, "/api/tenant/other/project/org/app/enqueue", change, http.StatusNotFound, "nknown project"},
		"unknown tenant":      {all, "/api/tenant/absent/project/org/app/enqueue", change, http.StatusNotFound, "Unknown tenant"},
		"project not made":    {all, "/api/tenant/acme/project/org/lib/enqueue", `{"pipeline":"hold","ref":"refs/heads/main"}`, http.StatusNotFound, "org/lib"},
		"dequeue by user":     {user, dequeue, change, http.StatusForbidden, ""},
		"dequeue both":        {all, dequeue, `{"pipeline":"hold","change":"1,1","ref":"refs/heads/main"}`, http.StatusBadRequest, "not both"},
		"dequeue what is not": {all, dequeue, `{"pipeline":"quick","change":"1,1"}`, http.StatusOK, "true"},
	} {
		a := s.call(c.token, "POST", c.path, c.body)
		if a.status != c.status || !strings.Contains(a.body, c.words) {
			t.Errorf("%s: status %d, want %d with %q: %s", name, a.status, c.status, c.words, a.body)
		}
	}
}

func TestBodiesAreLimitedAsConfigured(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme, edit: func(c *config.Config) { c.Limits.APIBody = 2 << 10 }})
	admin := s.token("root", "*")
	const project = "/api/connection/local/projects"
	s.want(s.call(admin, "POST", project, `{"name":"org/x"}`+strings.Repeat(" ", 1<<10)), http.StatusCreated)
	s.want(s.call(admin, "POST", project, `{"name":"org/y"}`+strings.Repeat(" ", 4<<10)), http.StatusRequestEntityTooLarge)
}

func TestDependencyThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := start(t, setup{tenants: acme})
	app := s.acme()
	app.git("commit", "-q", "--allow-empty", "-m", "Needs much\n\nDepends-On: "+s.URL()+"/change/999")
	app.git("push", "-q", "origin", "HEAD:refs/for/main")
	s.want(s.call("", "GET", "/api/connection/local/changes/1", ""), http.StatusOK)
	a := s.want(s.call(s.token("ada", "acme"), "POST", enqueue, `{"pipeline":"quick","change":"1,1"}`), http.StatusOK)
	s.want(s.call("", "GET", "/api/tenant/acme/change/1/history", "", "Gozer-Min-Seq", a.header.Get("Gozer-Seq")), http.StatusOK, "refused", "Did not enter quick", "depends on a change that is not known here")
	s.await("the author is told", func() bool {
		return strings.Contains(s.call("", "GET", "/api/connection/local/changes/1", "").body, "depends on a change that is not known here")
	})
}
