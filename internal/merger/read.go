package merger

import (
	"context"
	"fmt"
	"strings"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/scheduler"
)

// Limits of ReadFiles.
const (
	MaxFileBytes  = 4 << 20
	MaxTotalBytes = 16 << 20
	MaxFiles      = 1000
	maxDepth      = 16
)

// LimitError says that files were left out because they are too large or too
// many.
type LimitError struct {
	Project scheduler.ProjectName
	Commit  string
	Path    string
	Message string
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%s of %s: %s", e.Path, e.Project, e.Message)
}

// ReadFiles returns the regular files of a commit that match accepts, in tree
// order. Directories are offered with a trailing slash, and those that it
// refuses are not entered. When a limit is exceeded, the files that were read
// are returned with a *LimitError about the first that was not.
func (m *Merger) ReadFiles(ctx context.Context, project scheduler.ProjectName, commit string, match func(path string) bool) ([]File, error) {
	repo, err := m.repo(ctx, project)
	if err != nil {
		return nil, err
	}
	r := reader{repo: repo, match: match, project: project, commit: commit}
	if err := r.dir(ctx, commit, "", 0); err != nil {
		return nil, fmt.Errorf("read files of %s at %s: %w", project, commit, err)
	}
	if r.exceeded != nil {
		return r.files, r.exceeded
	}
	return r.files, nil
}

// Tips returns the tips of a project's branches by branch.
func (m *Merger) Tips(ctx context.Context, project scheduler.ProjectName) (map[string]string, error) {
	repo, err := m.repo(ctx, project)
	if err != nil {
		return nil, err
	}
	refs, err := repo.Refs(ctx, "refs/heads/")
	if err != nil {
		return nil, err
	}
	tips := make(map[string]string, len(refs))
	for _, ref := range refs {
		tips[strings.TrimPrefix(ref.Name, "refs/heads/")] = ref.Hash
	}
	return tips, nil
}

// reader is one walk of ReadFiles.
type reader struct {
	repo     git.Repo
	match    func(string) bool
	project  scheduler.ProjectName
	commit   string
	files    []File
	total    int64
	exceeded *LimitError
}

func (r *reader) dir(ctx context.Context, rev, prefix string, depth int) error {
	entries, err := r.repo.Tree(ctx, rev)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := prefix + e.Name
		switch {
		case e.IsDir() && r.match(path+"/"):
			if depth == maxDepth {
				r.exceed(path, fmt.Sprintf("is deeper than %d directories", maxDepth))
				continue
			}
			err = r.dir(ctx, e.Hash, path+"/", depth+1)
		case e.IsFile() && r.match(path):
			err = r.file(ctx, e.Hash, path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) file(ctx context.Context, hash, path string) error {
	_, size, err := r.repo.Size(ctx, hash)
	switch {
	case err != nil:
		return err
	case size > MaxFileBytes:
		r.exceed(path, fmt.Sprintf("has %d bytes, at most %d are read", size, MaxFileBytes))
		return nil
	case r.total+size > MaxTotalBytes:
		r.exceed(path, fmt.Sprintf("is left out, since at most %d bytes are read of one commit", MaxTotalBytes))
		return nil
	case len(r.files) >= MaxFiles:
		r.exceed(path, fmt.Sprintf("is left out, since at most %d files are read of one commit", MaxFiles))
		return nil
	}
	_, data, err := r.repo.Object(ctx, hash, MaxFileBytes)
	if err != nil {
		return err
	}
	r.total += size
	r.files = append(r.files, File{Path: path, Data: data})
	return nil
}

func (r *reader) exceed(path, message string) {
	if r.exceeded == nil {
		r.exceeded = &LimitError{Project: r.project, Commit: r.commit, Path: path, Message: message}
	}
}
