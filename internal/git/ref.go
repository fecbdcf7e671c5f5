package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
)

// Ref is a ref and the object that it names.
type Ref struct {
	Name string
	Hash string
}

// RefUpdate moves one ref.
type RefUpdate struct {
	Name string
	// New is the object it shall name; empty deletes the ref.
	New string
	// Old is what it must name now; zeros mean that it must not exist, empty
	// means anything.
	Old string
}

// ErrRefMoved says that a ref is not where the caller expected it, or that
// someone else holds its lock.
var ErrRefMoved = errors.New("ref is not where it was expected")

// Refs lists refs below prefixes, such as refs/heads/, in name order.
func (r Repo) Refs(ctx context.Context, prefixes ...string) ([]Ref, error) {
	args := append([]string{"for-each-ref", "--format=%(objectname) %(refname)", "--"}, prefixes...)
	out, err := Output(ctx, Command{Dir: r.Dir, Args: args})
	if err != nil {
		return nil, err
	}
	var refs []Ref
	scanner := bufio.NewScanner(bytes.NewReader(out))
	for scanner.Scan() {
		hash, name, _ := strings.Cut(scanner.Text(), " ")
		refs = append(refs, Ref{Name: name, Hash: hash})
	}
	return refs, scanner.Err()
}

// UpdateRefs moves refs together or not at all; it is durable when it returns.
// ErrRefMoved means that nothing was changed.
func (r Repo) UpdateRefs(ctx context.Context, updates ...RefUpdate) error {
	lines, err := updateLines(updates)
	if err != nil || len(updates) == 0 {
		return err
	}
	err = r.pool.with(ctx, key{r.Dir, kindUpdateRef}, func(s *session) error {
		if err := s.send(lines...); err != nil {
			return err
		}
		for range 3 { // start, prepare and commit answer
			if _, err := s.out.ReadString('\n'); err != nil {
				return err
			}
		}
		return nil
	})
	var failed *Error
	if errors.As(err, &failed) && strings.Contains(failed.Stderr, "cannot lock ref") {
		return fmt.Errorf("%w: %s", ErrRefMoved, failed.Reason())
	}
	return err
}

func updateLines(updates []RefUpdate) ([]string, error) {
	lines := []string{"start"}
	for _, u := range updates {
		if !ValidRefName(u.Name) {
			return nil, fmt.Errorf("ref name %q is not valid", u.Name)
		}
		if (u.New != "" && !IsHash(u.New)) || (u.Old != "" && !IsHash(u.Old)) {
			return nil, fmt.Errorf("update of %s: %q to %q are not object names", u.Name, u.Old, u.New)
		}
		line := "update " + u.Name + " " + u.New
		if u.New == "" {
			line = "delete " + u.Name
		}
		if u.Old != "" {
			line += " " + u.Old
		}
		lines = append(lines, line)
	}
	return append(lines, "prepare", "commit"), nil
}

// ValidRefName reports whether name is a full ref name that git accepts and
// that holds nothing a terminal or a command line could misread.
func ValidRefName(name string) bool {
	if len(name) > 240 || !strings.HasPrefix(name, "refs/") || strings.Contains(name, "..") ||
		strings.Contains(name, "@{") || strings.ContainsAny(name, " ~^:?*[\\\x7f") {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' || part[0] == '-' || strings.HasSuffix(part, ".") || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return strings.IndexFunc(name, func(r rune) bool { return r < 0x20 || r == '\uFFFD' }) < 0
}
