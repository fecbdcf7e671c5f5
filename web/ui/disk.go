package ui

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
)

// FromDisk serves the interface from dir (the package's static directory) and
// reads it anew when a file changed, for work on the interface itself.
func FromDisk(dir string) http.Handler {
	d := &disk{tree: os.DirFS(dir)}
	return handler(d.bundle)
}

// disk is a directory with the bundle that was made of it last.
type disk struct {
	tree fs.FS

	mu   sync.Mutex // guards what follows
	seen string     // names, sizes and times of the files in last
	last *bundle
}

func (d *disk) bundle() (*bundle, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, err := look(d.tree)
	if err != nil {
		return nil, err
	}
	if d.last != nil && now == d.seen {
		return d.last, nil
	}
	b, err := newBundle(d.tree)
	if err == nil {
		d.last, d.seen = b, now
	}
	return b, err
}

// look tells the files of tree by name, size and time of their last change.
func look(tree fs.FS) (string, error) {
	var seen strings.Builder
	err := fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			fmt.Fprintln(&seen, name, info.Size(), info.ModTime().UnixNano())
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("look at interface: %w", err)
	}
	return seen.String(), nil
}
