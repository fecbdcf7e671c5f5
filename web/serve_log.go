package web

import (
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// serveLog serves the archived files of builds. Jobs wrote them, so nothing
// in them may run: content types are passive, sniffing is off and a sandbox
// stands around what slips through.
func (s *Server) serveLog(w http.ResponseWriter, r *http.Request) {
	setRoute(r.Context(), "/logs")
	h := w.Header()
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'none'; frame-ancestors 'self'")
	allowAnyOrigin(h)
	build, name := scheduler.BuildID(r.PathValue("build")), strings.Trim(r.PathValue("path"), "/")
	if name == "" {
		name = "."
	}
	f, err := s.deps.Logs.Open(build, name)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	defer f.Close()
	switch {
	case !f.Dir:
		h.Set("Content-Type", f.Type)
		http.ServeContent(w, r, path.Base(name), f.ModTime, f)
	case !strings.HasSuffix(r.URL.Path, "/"):
		w.Header().Set("Location", (&url.URL{Path: "./" + path.Base(name) + "/"}).String())
		w.WriteHeader(http.StatusMovedPermanently)
	default:
		s.listLogs(w, r, build, name)
	}
}

// logEntryDoc is a file or directory in a listing.
type logEntryDoc struct {
	Name     string  `json:"name"`
	Type     string  `json:"type"` // file or directory
	Size     int64   `json:"size"`
	Modified *string `json:"modified"`
}

// listLogs lists a directory, as JSON for who asks for that, else as HTML.
func (s *Server) listLogs(w http.ResponseWriter, r *http.Request, build scheduler.BuildID, dir string) {
	all, err := s.deps.Logs.List(build)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	entries := entriesIn(all, dir)
	w.Header().Set("Vary", "Accept")
	w.Header().Set("Cache-Control", "no-cache")
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		body, _ := json.Marshal(entries) // always encodes
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(body) // a client that left needs no answer
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = logPage.Execute(w, map[string]any{ // a client that left needs no answer
		"Build": build, "Dir": strings.TrimPrefix(dir, "."), "Top": dir == ".", "Entries": entries,
	})
}

// entriesIn are the entries directly in dir.
func entriesIn(all []LogEntry, dir string) []logEntryDoc {
	list := []logEntryDoc{}
	for _, e := range all {
		if path.Dir(e.Path) != dir {
			continue
		}
		kind := "file"
		if e.Dir {
			kind = "directory"
		}
		list = append(list, logEntryDoc{path.Base(e.Path), kind, e.Size, stamp(e.ModTime)})
	}
	return list
}

var logPage = template.Must(template.New("logs").Parse(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Logs of build {{.Build}}</title></head>
<body>
<h1>Logs of build {{.Build}}</h1>
<p>/{{.Dir}}</p>
<ul>
{{- if not .Top}}
<li><a href="../">../</a></li>
{{- end}}
{{- range .Entries}}
<li>{{if eq .Type "directory"}}<a href="./{{.Name}}/">{{.Name}}/</a>{{else}}<a href="./{{.Name}}">{{.Name}}</a> {{.Size}} bytes{{end}}</li>
{{- end}}
</ul>
</body>
</html>
`))
