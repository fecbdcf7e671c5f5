package ui

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// doc is a JSON object as the API sends it.
type doc = map[string]any

// fake is a server with the API's shapes whose state the test changes.
type fake struct {
	URL  string
	mu   sync.Mutex // guards all below
	seq  int
	wake chan struct{} // closed and replaced when the state changes

	realms    doc
	tenants   []string
	pipelines []doc
	builds    []doc
	buildsets []doc
	errors    []doc
	change    doc
	history   doc
	diff      string
	console   strings.Builder
	ended     bool
	noEvents  bool
	posts     []call
	noted     map[string]int // requests by path
}

// call is a request that changed something.
type call struct {
	path, auth string
	body       doc
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{wake: make(chan struct{}), tenants: []string{"acme"}, realms: doc{"local": doc{"driver": "HS256", "type": "JWT", "authority": "gozer", "client_id": "gozer"}}, noted: map[string]int{}}
	f.fill()
	server := httptest.NewServer(f.routes())
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	f.URL = server.URL
	return f
}

// update changes the state and tells the watchers.
func (f *fake) update(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	f.seq++
	close(f.wake)
	f.wake = make(chan struct{})
}

func (f *fake) calls() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.posts)
}

func (f *fake) requests(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.noted[path]
}

func (f *fake) routes() http.Handler {
	mux := http.NewServeMux()
	const tenant = "GET /api/tenant/{tenant}/"
	list := func(pattern string, value func(r *http.Request) any) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			f.mu.Lock()
			f.noted[r.URL.Path]++
			v := value(r)
			data, err := json.Marshal(v)
			f.mu.Unlock()
			switch {
			case err != nil:
				http.Error(w, err.Error(), http.StatusInternalServerError)
			case string(data) == "null":
				refuse(w, http.StatusNotFound, "There is no such thing.")
			default:
				w.Header().Set("Content-Type", "application/json; charset=utf-8")
				_, _ = w.Write(data)
			}
		})
	}
	list("GET /api/info", func(*http.Request) any {
		return doc{"info": doc{"websocket_url": nil, "stats": doc{"prefix": nil, "type": "graphite", "url": nil}, "capabilities": doc{"job_history": true, "auth": doc{"realms": f.realms, "default_realm": nil, "read_protected": false}}}}
	})
	list("GET /api/connection/local/changes", func(*http.Request) any {
		return []doc{
			summary(12, "org/app", f.change["subject"].(string)), summary(14, "org/lib", "Drop the old client"),
			summary(15, "org/app", "Show how much of an upload is done, and how long the rest will take at the present speed"),
		}
	})
	list("GET /api/tenants", func(*http.Request) any {
		all := []doc{}
		for _, name := range f.tenants {
			all = append(all, doc{"name": name})
		}
		return all
	})
	list("GET /api/connections", func(*http.Request) any {
		return []doc{{"name": "local", "driver": "local", "canonical_hostname": "local"}}
	})
	list(tenant+"tenant-status", func(*http.Request) any { return doc{"config_error_count": len(f.errors)} })
	list(tenant+"config-errors", func(*http.Request) any { return f.errors })
	list(tenant+"projects", func(*http.Request) any { return fakeProjects })
	list(tenant+"project/{name...}", func(*http.Request) any { return fakeProject })
	list(tenant+"pipelines", func(*http.Request) any {
		return []doc{{"name": "check", "triggers": []doc{}}, {"name": "gate", "triggers": []doc{}}, {"name": "post", "triggers": []doc{}}}
	})
	list(tenant+"jobs", func(*http.Request) any { return fakeJobs })
	list(tenant+"job/{name}", func(r *http.Request) any { return fakeJob(r.PathValue("name")) })
	list(tenant+"builds", func(r *http.Request) any { return page(f.builds, r) })
	list(tenant+"buildsets", func(r *http.Request) any { return page(f.buildsets, r) })
	list(tenant+"build/{uuid}", func(r *http.Request) any { return byUUID(f.builds, r) })
	list(tenant+"buildset/{uuid}", func(r *http.Request) any { return f.buildset(r) })
	list(tenant+"change/{n}/history", func(r *http.Request) any { return f.history })
	list(tenant+"explain/{what...}", func(r *http.Request) any { return fakeExplanation(r.PathValue("what"), r.URL.Query().Get("at")) })
	list("GET /api/connection/local/changes/{n}", func(r *http.Request) any {
		switch r.PathValue("n") {
		case "12":
			return f.change
		case "17":
			other := maps.Clone(f.change)
			other["number"], other["patchset"], other["subject"] = 17, 1, "Send files in parallel"
			return other
		}
		return nil
	})
	mux.HandleFunc("GET /api/connection/local/changes/{n}/diff", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(f.diff))
	})
	mux.HandleFunc("GET /api/tenant/{tenant}/authorizations", f.authorizations)
	mux.HandleFunc("GET /api/tenant/{tenant}/status", f.status)
	mux.HandleFunc("GET /api/tenant/{tenant}/events", f.events)
	mux.HandleFunc("GET /api/tenant/{tenant}/console-stream", f.stream)
	mux.HandleFunc("GET /logs/{build}/{file...}", f.logs)
	mux.HandleFunc("POST /api/", f.post)
	mux.Handle("/", Handler())
	return mux
}

func refuse(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc{"status": status, "detail": detail})
}

// page answers a list of the history as the API does: newest first, filtered
// by job, change and result, below idx_max.
func page(rows []doc, r *http.Request) []doc {
	q := r.URL.Query()
	limit, _ := strconv.Atoi(q.Get("limit"))
	most, _ := strconv.Atoi(q.Get("idx_max"))
	out := []doc{}
	for _, row := range rows {
		refs, _ := row["refs"].([]doc)
		if ref, ok := row["ref"].(doc); ok {
			refs = []doc{ref}
		}
		switch {
		case most > 0 && row["_id"].(int) > most,
			q.Has("job_name") && row["job_name"] != q.Get("job_name"),
			q.Has("result") && !slices.Contains(q["result"], fmt.Sprint(row["result"])),
			q.Get("complete") == "true" && row["result"] == nil,
			q.Has("change") && fmt.Sprint(refs[0]["change"]) != q.Get("change"):
			continue
		}
		out = append(out, row)
		if len(out) == limit {
			break
		}
	}
	return out
}

func byUUID(rows []doc, r *http.Request) any {
	if row := byID(rows, r.PathValue("uuid")); row != nil {
		return row
	}
	return nil
}

func byID(rows []doc, uuid string) doc {
	i := slices.IndexFunc(rows, func(d doc) bool { return d["uuid"] == uuid })
	if i < 0 {
		return nil
	}
	return rows[i]
}

func (f *fake) buildset(r *http.Request) any {
	set, ok := byUUID(f.buildsets, r).(doc)
	if !ok {
		return nil
	}
	full := doc{"builds": []doc{}, "events": []doc{{"event_time": set["event_timestamp"], "event_type": "triggered", "description": "Triggered by Change org/app 12,3"}}}
	for k, v := range set {
		full[k] = v
	}
	for _, b := range f.builds {
		if b["buildset"].(doc)["uuid"] == set["uuid"] {
			full["builds"] = append(full["builds"].([]doc), b)
		}
	}
	return full
}

func (f *fake) status(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.noted[r.URL.Path]++
	tag := fmt.Sprintf(`"%d-0"`, f.seq)
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "public, max-age=1")
	if r.Header.Get("If-None-Match") == tag {
		f.noted["304"]++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(doc{
		"zuul_version": "test", "pipelines": f.pipelines, "last_reconfigured": time.Now().UnixMilli(),
		"trigger_event_queue": doc{"length": 0}, "management_event_queue": doc{"length": 0}, "connection_event_queues": doc{},
		"state": doc{"trigger_queue_paused": false, "trigger_queue_discarding": false, "result_queue_paused": false, "reason": nil},
	})
}

func (f *fake) events(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	off := f.noEvents
	f.mu.Unlock()
	if off {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	for {
		f.mu.Lock()
		seq, wake := f.seq, f.wake
		f.mu.Unlock()
		fmt.Fprintf(w, "id: %d\ndata: {\"seq\":%d}\n\n", seq, seq)
		w.(http.Flusher).Flush()
		select {
		case <-wake:
		case <-r.Context().Done():
			return
		}
	}
}

// stream sends the console from the start and closes when the build ended.
func (f *fake) stream(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{}
	c, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	var hello struct{ UUID, Logfile string }
	if c.ReadJSON(&hello) != nil {
		return
	}
	if hello.UUID != runningBuild || hello.Logfile != "console.log" {
		_ = c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(4011, "Build not found"))
		return
	}
	for sent := 0; ; {
		f.mu.Lock()
		text, ended, wake := f.console.String(), f.ended, f.wake
		f.mu.Unlock()
		if len(text) > sent && c.WriteMessage(websocket.TextMessage, []byte(text[sent:])) != nil {
			return
		}
		sent = len(text)
		if ended {
			_ = c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(1000, "No more data"))
			return
		}
		select {
		case <-wake:
		case <-r.Context().Done():
			return
		case <-time.After(20 * time.Second):
			return
		}
	}
}

func (f *fake) logs(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.noted[r.URL.Path]++
	if strings.HasSuffix(r.URL.Path, "/logs/") {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode([]doc{{"name": "coverage.html", "type": "file", "size": 1200345, "modified": stamp(0)}})
		return
	}
	if r.PathValue("file") == "" {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode([]doc{
			{"name": "job-output.txt", "type": "file", "size": 48211, "modified": stamp(0)},
			{"name": "junit.xml", "type": "file", "size": 2210, "modified": stamp(0)},
			{"name": "logs", "type": "directory", "size": 0, "modified": stamp(0)},
		})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	text := failedConsole
	if r.PathValue("build") == hugeBuild {
		text = strings.Repeat("a line of a very long console\n", 500000)
	}
	_, _ = w.Write([]byte(text))
}

func (f *fake) authorizations(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.Header.Get("Authorization") == "" {
		refuse(w, http.StatusUnauthorized, `Missing "Authorization" header`)
		return
	}
	_ = json.NewEncoder(w).Encode(doc{"zuul": doc{"admin": true, "scope": []string{"acme"}}})
}

func (f *fake) post(w http.ResponseWriter, r *http.Request) {
	var body doc
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	f.mu.Lock()
	f.posts = append(f.posts, call{r.URL.Path, r.Header.Get("Authorization"), body})
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("true"))
}
