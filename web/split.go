package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Names of projects and branches hold slashes and clients do not escape them,
// which no router copes with. collapse finds the name between the literal
// words around it and escapes it into one segment, so that every route is an
// ordinary one: project/org/app/enqueue becomes project/org%2Fapp/enqueue.
// Names that come escaped already stay as they are.

// collapseSlashes is the middleware in front of the router.
func collapseSlashes(admin bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if path := collapse(r.URL.EscapedPath(), admin); path != r.URL.RawPath {
				u := *r.URL
				u.RawPath = path
				r = r.WithContext(r.Context())
				r.URL = &u
			}
			next.ServeHTTP(w, r)
		})
	}
}

// collapse rewrites the escaped path of a request; admin says that the routes
// below a project exist, which otherwise belong to the project's name.
func collapse(path string, admin bool) string {
	rest, ok := strings.CutPrefix(path, "/api/tenant/")
	if !ok {
		return path
	}
	tenant, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return path
	}
	return "/api/tenant/" + tenant + "/" + strings.Join(collapseTenant(strings.Split(rest, "/"), admin), "/")
}

// collapseTenant rewrites the segments after the tenant.
func collapseTenant(segs []string, admin bool) []string {
	switch {
	case len(segs) > 2 && segs[0] == "project":
		last := segs[len(segs)-1]
		if admin && slices.Contains([]string{"enqueue", "dequeue", "autohold"}, last) {
			return []string{"project", join(segs[1 : len(segs)-1]), last}
		}
		return []string{"project", join(segs[1:])}
	case len(segs) > 2 && (segs[0] == "key" || segs[0] == "project-ssh-key" || segs[0] == "explain"):
		return []string{segs[0], join(segs[1:])}
	case len(segs) > 6 && segs[0] == "pipeline" && segs[2] == "project":
		return collapseFreeze(segs)
	}
	return segs
}

// collapseFreeze handles pipeline/P/project/NAME/branch/NAME/freeze-jobs and
// .../freeze-job/J. The first word branch ends the project's name, so that a
// branch may hold any word.
func collapseFreeze(segs []string) []string {
	end := len(segs) - 1
	if segs[end] != "freeze-jobs" {
		end--
	}
	branch := slices.Index(segs[4:], "branch") + 4
	if branch == 3 || end < branch || (segs[end] != "freeze-jobs" && segs[end] != "freeze-job") {
		return segs
	}
	out := []string{"pipeline", segs[1], "project", join(segs[3:branch]), "branch", join(segs[branch+1 : end])}
	return append(out, segs[end:]...)
}

// join makes one escaped segment of several.
func join(segs []string) string { return strings.Join(segs, "%2F") }

// unescape undoes what collapse and clients escape; a bad escape stays.
func unescape(segment string) string {
	if text, err := url.PathUnescape(segment); err == nil {
		return text
	}
	return segment
}
