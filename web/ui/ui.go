// Package ui is the browser interface: plain ES modules and style sheets that
// use only the public API, embedded in the binary.
//
// Every asset is served under /ui/<hash>/, where the hash is that of the whole
// tree. Modules import each other by relative path, so one hash renames all of
// them at once and each may be cached for ever; only index.html is revalidated.
package ui

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed static
var embedded embed.FS

// assetRoot is the path under which assets are served.
const assetRoot = "/ui/"

// policy forbids everything that the interface does not need: no inline
// script or style, no other origin.
const policy = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"

// Handler serves the embedded interface. It answers every path: assets, the
// page for the routes of the interface, and 404 for what is neither. Mount it
// behind all other routes.
func Handler() http.Handler {
	tree, err := fs.Sub(embedded, "static")
	if err != nil {
		panic(err) // the path is a constant of this package
	}
	b, err := newBundle(tree)
	if err != nil {
		panic(err) // reading embedded files cannot fail
	}
	return handler(func() (*bundle, error) { return b, nil })
}

func handler(current func() (*bundle, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		b, err := current()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		setSecurity(w.Header())
		if strings.HasPrefix(r.URL.Path, assetRoot) {
			b.serveAsset(w, r)
			return
		}
		b.servePage(w, r)
	})
}

func setSecurity(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
}

// isPage tells whether path is a route of the interface. Other paths get the
// page too, with status 404, and it says so.
func isPage(path string) bool {
	switch path {
	case "/", "/tenants":
		return true
	}
	return strings.HasPrefix(path, "/t/") || strings.HasPrefix(path, "/change/")
}
