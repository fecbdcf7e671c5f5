package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Errors that callers tell apart.
var (
	// ErrMissing says that an object or ref is not in the repository.
	ErrMissing = errors.New("not in the repository")
	// ErrTooLarge says that an object is larger than the caller accepts.
	ErrTooLarge = errors.New("object is too large")
)

// MaxMeta bounds commits, tags and trees that are read, in bytes.
const MaxMeta = 16 << 20

// Resolve returns the object that a full ref name, such as refs/heads/main, or
// a revision such as "<hash>^{commit}" names, or ErrMissing.
func (r Repo) Resolve(ctx context.Context, rev string) (string, error) {
	var oid string
	err := r.catFile(ctx, "info "+rev, rev, func(h header, _ *session) error {
		oid = h.oid
		return nil
	})
	return oid, err
}

// Object returns the kind (commit, tree, blob, tag) and the content of an
// object of at most limit bytes.
func (r Repo) Object(ctx context.Context, rev string, limit int64) (kind string, data []byte, err error) {
	err = r.catFile(ctx, "contents "+rev, rev, func(h header, s *session) error {
		if h.size > limit {
			return fmt.Errorf("%s: %w: %d of %d bytes", rev, ErrTooLarge, h.size, limit)
		}
		kind, data = h.kind, make([]byte, h.size+1)
		if _, err := io.ReadFull(s.out, data); err != nil {
			return err
		}
		data = data[:h.size]
		return nil
	})
	return kind, data, err
}

// Size returns the kind and size in bytes of an object.
func (r Repo) Size(ctx context.Context, rev string) (kind string, size int64, err error) {
	err = r.catFile(ctx, "info "+rev, rev, func(h header, _ *session) error {
		kind, size = h.kind, h.size
		return nil
	})
	return kind, size, err
}

type header struct {
	oid, kind string
	size      int64
}

// catFile sends one request; a missing object leaves the process usable.
func (r Repo) catFile(ctx context.Context, request, rev string, fn func(header, *session) error) error {
	if strings.ContainsAny(rev, "\n\x00") || rev == "" {
		return fmt.Errorf("revision %q: %w", rev, ErrMissing)
	}
	missing := false
	err := r.pool.with(ctx, key{r.Dir, kindCatFile}, func(s *session) error {
		if err := s.send(request); err != nil {
			return err
		}
		line, err := s.out.ReadString('\n')
		if err != nil {
			return err
		}
		h, ok := parseHeader(line)
		if missing = !ok; missing {
			return nil
		}
		return fn(h, s)
	})
	if err == nil && missing {
		return fmt.Errorf("%s in %s: %w", rev, r.Dir, ErrMissing)
	}
	return err
}

// parseHeader reads "<oid> <kind> <size>"; anything else means that there is
// no such object.
func parseHeader(line string) (header, bool) {
	f := strings.Fields(line)
	if len(f) != 3 {
		return header{}, false
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	return header{oid: f[0], kind: f[1], size: size}, err == nil && IsHash(f[0])
}

// IsHash reports whether s is a full object name.
func IsHash(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}

// IsZero reports whether s is the object name of nothing.
func IsZero(s string) bool { return strings.Trim(s, "0") == "" }

// TreeEntry is one entry of a tree.
type TreeEntry struct {
	Mode string // 100644, 100755, 120000, 40000, 160000
	Name string
	Hash string
}

// IsDir reports whether the entry is a directory.
func (e TreeEntry) IsDir() bool { return e.Mode == "40000" }

// IsFile reports whether the entry is a regular file; symbolic links and
// submodules are neither file nor directory.
func (e TreeEntry) IsFile() bool { return strings.HasPrefix(e.Mode, "100") }

// Tree returns the entries of a tree, or of the tree of a commit.
func (r Repo) Tree(ctx context.Context, rev string) ([]TreeEntry, error) {
	kind, data, err := r.Object(ctx, rev+"^{tree}", MaxMeta)
	if err != nil {
		return nil, err
	}
	if kind != "tree" {
		return nil, fmt.Errorf("%s in %s is a %s, not a tree", rev, r.Dir, kind)
	}
	return parseTree(data, len(strings.TrimSpace(rev)) == 64)
}

func parseTree(data []byte, sha256 bool) ([]TreeEntry, error) {
	width := 20
	if sha256 {
		width = 32
	}
	var entries []TreeEntry
	for len(data) > 0 {
		space, null := bytes.IndexByte(data, ' '), bytes.IndexByte(data, 0)
		if space < 0 || null < space || len(data) < null+1+width {
			return nil, errors.New("damaged tree object")
		}
		entries = append(entries, TreeEntry{
			Mode: string(data[:space]),
			Name: string(data[space+1 : null]),
			Hash: fmt.Sprintf("%x", data[null+1:null+1+width]),
		})
		data = data[null+1+width:]
	}
	return entries, nil
}

// SameEntries reports whether the entries called names at the root of two
// commits or trees are the same.
func (r Repo) SameEntries(ctx context.Context, a, b string, names ...string) (bool, error) {
	if a == b {
		return true, nil
	}
	first, err := r.entries(ctx, a, names)
	if err != nil {
		return false, err
	}
	second, err := r.entries(ctx, b, names)
	return slices.Equal(first, second), err
}

func (r Repo) entries(ctx context.Context, rev string, names []string) ([]TreeEntry, error) {
	entries, err := r.Tree(ctx, rev)
	return slices.DeleteFunc(entries, func(e TreeEntry) bool { return !slices.Contains(names, e.Name) }), err
}

// Zero is the object name of nothing, as long as the object name hash.
func Zero(hash string) string { return strings.Repeat("0", len(hash)) }
