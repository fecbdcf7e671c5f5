package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
)

// TreeMerge is what a merge of two commits gives.
type TreeMerge struct {
	// Clean says that Tree is the merged tree.
	Clean bool
	Tree  string
	// Files are the names of the files in conflict, in byte order.
	Files []string
	// Messages is git's explanation of a conflict.
	Messages string
}

// MergeTrees merges two commits without a work tree and without moving a ref.
// The objects it makes are not synced, see SyncCommit.
func (r Repo) MergeTrees(ctx context.Context, ours, theirs string) (TreeMerge, error) {
	out, err := Output(ctx, Command{
		Dir: r.Dir, Config: []string{"core.fsync=none"},
		Args: []string{"merge-tree", "--write-tree", "-z", "--name-only", ours, theirs},
	})
	var failed *Error
	switch {
	case err == nil:
		return TreeMerge{Clean: true, Tree: strings.TrimRight(string(out), "\x00\n")}, nil
	case errors.As(err, &failed) && failed.Code == 1 && len(out) > 0:
		return parseConflict(out), nil
	case errors.As(err, &failed) && strings.Contains(failed.Stderr, "unrelated histories"):
		return TreeMerge{Messages: "the change and the branch have no commit in common"}, nil
	}
	return TreeMerge{}, err
}

// parseConflict reads "tree NUL (file NUL)* NUL messages": a message is a
// number of paths, the paths, a kind and a text.
func parseConflict(out []byte) TreeMerge {
	var m TreeMerge
	names, rest, _ := bytes.Cut(out, []byte("\x00\x00"))
	fields := strings.Split(string(names), "\x00")
	m.Tree, m.Files = fields[0], fields[1:]
	var text strings.Builder
	for field := range strings.SplitSeq(string(rest), "\x00") {
		if strings.HasPrefix(field, "CONFLICT (") && strings.HasSuffix(field, "\n") {
			text.WriteString(field)
		}
	}
	m.Messages = text.String()
	return m
}

// ChangedFiles returns the paths that differ between two trees, in byte order.
func (r Repo) ChangedFiles(ctx context.Context, oldTree, newTree string) ([]string, error) {
	if !IsHash(oldTree) || !IsHash(newTree) {
		return nil, fmt.Errorf("%q and %q are not object names", oldTree, newTree)
	}
	if oldTree == newTree {
		return nil, nil
	}
	const end = "/end" // no path begins with a slash
	var files []string
	err := r.pool.with(ctx, key{r.Dir, kindDiffTree}, func(s *session) error {
		// A line that is no hash is echoed, and the output flushed.
		if err := s.send(oldTree+" "+newTree, end); err != nil {
			return err
		}
		if _, err := s.out.ReadString('\n'); err != nil { // the two trees
			return err
		}
		for {
			b, err := s.out.Peek(len(end) + 1)
			if err != nil {
				return err
			}
			if string(b) == end+"\n" {
				_, err := s.out.Discard(len(b))
				return err
			}
			name, err := s.out.ReadString(0)
			if err != nil {
				return err
			}
			files = append(files, strings.TrimSuffix(name, "\x00"))
		}
	})
	return files, err
}

// ancestorSteps bounds the walk of IsAncestor before git itself is asked.
const ancestorSteps = 64

// IsAncestor reports whether ancestor can be reached from commit; a commit is
// its own ancestor.
func (r Repo) IsAncestor(ctx context.Context, ancestor, commit string) (bool, error) {
	if found, done, err := r.nearAncestor(ctx, ancestor, commit, ancestorSteps); done || err != nil {
		return found, err
	}
	_, err := Output(ctx, Command{Dir: r.Dir, Args: []string{"merge-base", "--is-ancestor", ancestor, commit}})
	var failed *Error
	if errors.As(err, &failed) && failed.Code == 1 {
		return false, nil
	}
	return err == nil, err
}

// NearAncestor reports whether ancestor is among the few commits before
// commit; false means that it is not known.
func (r Repo) NearAncestor(ctx context.Context, ancestor, commit string) (bool, error) {
	found, _, err := r.nearAncestor(ctx, ancestor, commit, ancestorSteps/4)
	return found, err
}

// nearAncestor walks back at most steps commits; done says that the answer is
// certain.
func (r Repo) nearAncestor(ctx context.Context, ancestor, commit string, steps int) (found, done bool, err error) {
	seen := map[string]bool{commit: true}
	queue := []string{commit}
	for ; len(queue) > 0; steps-- {
		if queue[0] == ancestor {
			return true, true, nil
		}
		if steps == 0 {
			return false, false, nil
		}
		c, err := r.Commit(ctx, queue[0])
		if err != nil {
			return false, false, err
		}
		queue = queue[1:]
		for _, parent := range c.Parents {
			if !seen[parent] {
				seen[parent] = true
				queue = append(queue, parent)
			}
		}
	}
	return false, true, nil
}
