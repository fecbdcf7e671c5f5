package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// bundle is one immutable version of the interface.
type bundle struct {
	prefix string // assetRoot + hash + "/"
	files  map[string]asset
	index  asset
}

// asset is a file with its compressed form, made once.
type asset struct {
	kind string
	data []byte
	gzip []byte // nil when it isn't smaller
}

// kinds names the content types here because the table of the system may
// differ or be missing.
var kinds = map[string]string{
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

func newBundle(tree fs.FS) (*bundle, error) {
	names, sum, err := list(tree)
	if err != nil {
		return nil, err
	}
	b := &bundle{prefix: assetRoot + sum + "/", files: map[string]asset{}}
	for _, name := range names {
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, fmt.Errorf("read interface file: %w", err)
		}
		if name == "index.html" {
			b.index = newAsset(name, b.page(data, names))
			continue
		}
		b.files[name] = newAsset(name, data)
	}
	if b.index.data == nil {
		return nil, fmt.Errorf("interface has no index.html")
	}
	return b, nil
}

// list returns the files in name order and the hash of names and contents.
func list(tree fs.FS) ([]string, string, error) {
	var names []string
	sum := sha256.New()
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		names = append(names, name)
		fmt.Fprintf(sum, "%s %d\n", name, len(data))
		sum.Write(data)
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("read interface: %w", err)
	}
	return names, hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// page fills the places of index.html: the prefix, and a preload for each
// module that the first page needs, so that the browser asks for all at once
// instead of finding them one import after the other.
func (b *bundle) page(index []byte, names []string) []byte {
	var links strings.Builder
	for _, name := range names {
		if firstNeeded(name) {
			fmt.Fprintf(&links, "<link rel=\"modulepreload\" href=\"%s\">\n", html.EscapeString(b.prefix+name))
		}
	}
	index = bytes.ReplaceAll(index, []byte("{{prefix}}"), []byte(b.prefix))
	return bytes.ReplaceAll(index, []byte("{{preload}}\n"), []byte(links.String()))
}

// firstNeeded tells whether a file is a module that the status page loads.
func firstNeeded(name string) bool {
	dir := path.Dir(name)
	return path.Ext(name) == ".js" &&
		(slices.Contains([]string{"js", "js/lib", "js/status"}, dir) || name == "js/pages/status.js")
}

func newAsset(name string, data []byte) asset {
	kind := kinds[path.Ext(name)]
	if kind == "" {
		kind = mime.TypeByExtension(path.Ext(name))
	}
	a := asset{kind: kind, data: data}
	var buf bytes.Buffer
	w, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression) // the level is valid
	w.Write(data)                                           // a bytes.Buffer doesn't fail
	w.Close()
	if buf.Len() < len(data) {
		a.gzip = buf.Bytes()
	}
	return a
}

func (b *bundle) serveAsset(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, b.prefix)
	a, found := b.files[name]
	if !ok || !found {
		// A page that was open before an upgrade asks for the old hash. Mixing
		// versions would break it in odd ways; with a 404 it offers to reload.
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "no such asset", http.StatusNotFound)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	a.serve(w, r, http.StatusOK)
}

func (b *bundle) servePage(w http.ResponseWriter, r *http.Request) {
	if !isPage(r.URL.Path) {
		w.Header().Set("Cache-Control", "no-store")
		if path.Ext(r.URL.Path) != "" {
			http.Error(w, "no such file", http.StatusNotFound)
			return
		}
		b.index.serve(w, r, http.StatusNotFound)
		return
	}
	tag := `"` + b.prefix[len(assetRoot):len(b.prefix)-1] + `"`
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	b.index.serve(w, r, http.StatusOK)
}

func (a asset) serve(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Add("Vary", "Accept-Encoding")
	data := a.data
	if a.gzip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		data = a.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(data) // the client went away when it fails
	}
}
