package local

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/gozer-ci/gozer/internal/git"
)

// The paths of git's smart HTTP protocol below a repository.
const (
	pathRefs    = "/info/refs"
	pathUpload  = "/git-upload-pack"
	pathReceive = "/git-receive-pack"
)

// Handler serves the repositories over git's smart HTTP protocol. It expects
// the path below the mount point: /<project>/info/refs and so on; the project
// may end in .git. Reading is open to everybody, pushing needs a token, as
// password of basic authentication or as bearer token.
func (s *Source) Handler() http.Handler { return http.HandlerFunc(s.serveGit) }

func (s *Source) serveGit(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.Limits.Time)
	defer cancel()
	r = r.WithContext(ctx)
	deadline, _ := ctx.Deadline()
	_ = http.NewResponseController(w).SetReadDeadline(deadline) // a recorder in a test has none
	w.Header().Set("Cache-Control", "no-cache")
	path := strings.TrimPrefix(r.URL.Path, "/")
	for suffix, serve := range map[string]func(http.ResponseWriter, *http.Request, Project){
		pathRefs: s.serveRefs, pathUpload: s.serveUpload, pathReceive: s.serveReceive,
	} {
		name, ok := strings.CutSuffix(path, suffix)
		if !ok {
			continue
		}
		project, err := s.Project(strings.TrimSuffix(name, ".git"))
		if err != nil {
			s.httpError(w, r, err)
			return
		}
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
			serve(w, r, project)
		case <-ctx.Done():
			http.Error(w, "too many transfers at once", http.StatusServiceUnavailable)
		}
		return
	}
	http.NotFound(w, r)
}

// httpError answers a request that can't be served.
func (s *Source) httpError(w http.ResponseWriter, r *http.Request, err error) {
	if isRefusal(err) {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	s.cfg.Logger.ErrorContext(r.Context(), "git request failed", "path", r.URL.Path, "err", err)
	http.Error(w, "internal error", http.StatusInternalServerError)
}

// authenticate finds the user of a push; without one it asks for a token.
func (s *Source) authenticate(w http.ResponseWriter, r *http.Request) (User, bool) {
	name, token, ok := r.BasicAuth()
	if !ok {
		token, ok = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	if ok {
		user, known := s.cfg.Auth.Authenticate(token)
		if known && user.Name != "" && (name == "" || name == user.Name || name == "git") {
			return user, true
		}
	}
	w.Header().Set("WWW-Authenticate", `Basic realm="gozer"`)
	http.Error(w, "pushing needs a token as password, and its owner's name as user name", http.StatusUnauthorized)
	return User{}, false
}

func (s *Source) serveRefs(w http.ResponseWriter, r *http.Request, project Project) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		methodNotAllowed(w, http.MethodGet)
		return
	}
	dir, err := s.Repository(r.Context(), project.Name)
	if err != nil {
		s.httpError(w, r, err)
		return
	}
	var refs []byte
	service := r.URL.Query().Get("service")
	switch service {
	case "git-receive-pack":
		if _, ok := s.authenticate(w, r); !ok {
			return
		}
		refs, err = s.advertise(r.Context(), dir)
	case "git-upload-pack":
		refs, err = uploadRefs(r, dir)
	default:
		http.Error(w, "only git's smart HTTP protocol is served; use a git of this century", http.StatusForbidden)
		return
	}
	if err != nil {
		s.httpError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-"+service+"-advertisement")
	_, _ = w.Write(refs) // the client is gone
}

// readOn is how much more of a refused push is read, in bytes: a connection that
// is closed while the client still sends takes the reason with it.
const readOn = 4 << 20

func (s *Source) serveReceive(w http.ResponseWriter, r *http.Request, project Project) {
	if r.Method != http.MethodPost {
		methodNotAllowed(w, http.MethodPost)
		return
	}
	user, ok := s.authenticate(w, r)
	if !ok {
		return
	}
	sent := r.Body
	defer func() { _, _ = io.CopyN(io.Discard, sent, readOn) }() // the client may be gone
	body, err := requestBody(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	repo, err := s.repo(r.Context(), project.Name)
	if err != nil {
		s.httpError(w, r, err)
		return
	}
	p := &push{source: s, project: project, user: user, repo: repo, objects: &quarantine{repo: repo.Dir}}
	answer, err := p.receive(r.Context(), bufio.NewReaderSize(body, 64<<10))
	if err != nil {
		http.Error(w, p.explain(r.Context(), badRequest(err)), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-git-receive-pack-result")
	_, _ = w.Write(answer) // the client is gone, the push stands
}

// badRequest makes an error of reading a request one that the client caused.
func badRequest(err error) error {
	if isRefusal(err) {
		return err
	}
	return refusal("invalid", "%s", err)
}

// requestBody returns the body, unpacked if it is compressed.
func requestBody(r *http.Request) (io.Reader, error) {
	switch r.Header.Get("Content-Encoding") {
	case "":
		return r.Body, nil
	case "gzip", "x-gzip":
		return gzip.NewReader(r.Body)
	}
	return nil, errors.New("unknown content encoding")
}

func methodNotAllowed(w http.ResponseWriter, allowed string) {
	w.Header().Set("Allow", allowed)
	http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
}

var protocolHeader = regexp.MustCompile(`^[a-z0-9=:]{1,64}$`)

// uploadCommand is git's side of a fetch.
func uploadCommand(r *http.Request, dir string, args ...string) git.Command {
	c := git.Command{Dir: dir, Args: append(append([]string{"upload-pack", "--stateless-rpc", "--strict"}, args...), dir)}
	c.Config = []string{"uploadpack.allowFilter=true"}
	if protocol := r.Header.Get("Git-Protocol"); protocolHeader.MatchString(protocol) {
		c.Env = []string{"GIT_PROTOCOL=" + protocol}
	}
	return c
}

func uploadRefs(r *http.Request, dir string) ([]byte, error) {
	refs, err := git.Output(r.Context(), uploadCommand(r, dir, "--http-backend-info-refs"))
	if err != nil || bytes.HasPrefix(refs, []byte("000eversion 2\n")) {
		return refs, err
	}
	return append(append(pkt(nil, "# service=git-upload-pack\n"), flushPkt...), refs...), nil
}

// maxFetchRequest bounds what a fetching client may send, in bytes.
const maxFetchRequest = 32 << 20

func (s *Source) serveUpload(w http.ResponseWriter, r *http.Request, project Project) {
	if r.Method != http.MethodPost {
		methodNotAllowed(w, http.MethodPost)
		return
	}
	dir, err := s.Repository(r.Context(), project.Name)
	if err != nil {
		s.httpError(w, r, err)
		return
	}
	body, err := requestBody(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
	c := uploadCommand(r, dir)
	c.Stdin, c.Stdout = io.LimitReader(body, maxFetchRequest), w
	err = git.Run(r.Context(), c)
	if err != nil && r.Context().Err() == nil && !isGitError(err) {
		s.cfg.Logger.WarnContext(r.Context(), "fetch failed", "project", project.Name, "err", err)
	}
}
