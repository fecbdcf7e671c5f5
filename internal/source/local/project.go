package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
)

// Project is one repository.
type Project struct {
	Name string
	// DefaultBranch is what a clone checks out.
	DefaultBranch string
	Created       time.Time
}

var projectPart = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.+-]*$`)

func checkProjectName(name string) error {
	ok := len(name) <= 200
	for part := range strings.SplitSeq(name, "/") {
		ok = ok && projectPart.MatchString(part) && !strings.HasSuffix(part, ".git") &&
			!strings.HasSuffix(part, ".lock") && !strings.Contains(part, "..")
	}
	if !ok {
		return refusal(source.CodeInvalid, "%q is no project name: use letters, digits and . _ + - in parts separated by /", name)
	}
	return nil
}

// CreateProject makes an empty repository. The empty default branch means main.
func (s *Source) CreateProject(ctx context.Context, name, defaultBranch string) (Project, error) {
	if err := checkProjectName(name); err != nil {
		return Project{}, err
	}
	if defaultBranch == "" {
		defaultBranch = "main"
	}
	if !git.ValidRefName("refs/heads/" + defaultBranch) {
		return Project{}, refusal(source.CodeInvalid, "%q is no branch name", defaultBranch)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.Project(name); err == nil {
		return Project{}, refusal(source.CodeConflict, "project %s exists", name)
	}
	if err := s.initRepository(ctx, s.repositoryDir(name), defaultBranch); err != nil {
		return Project{}, fmt.Errorf("create project %s: %w", name, err)
	}
	p := Project{Name: name, DefaultBranch: defaultBranch, Created: s.now()}
	return p, s.db.Update(func(tx *bbolt.Tx) error { return put(tx, bucketProjects, []byte(name), p) })
}

// initRepository makes a repository in one step, by a rename. What a crash
// left in its place belongs to no project and goes.
func (s *Source) initRepository(ctx context.Context, dir, branch string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), "new.")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }() // gone after the rename
	_, err = git.Output(ctx, git.Command{Dir: temp, Args: []string{"init", "--quiet", "--bare", "--template=", "--initial-branch=" + branch}})
	if err != nil {
		return err
	}
	return os.Rename(temp, dir)
}

// Project returns a project by its name.
func (s *Source) Project(name string) (Project, error) {
	var p Project
	var found bool
	err := s.db.View(func(tx *bbolt.Tx) (err error) {
		found, err = get(tx, bucketProjects, []byte(name), &p)
		return err
	})
	if err == nil && !found {
		err = refusal(source.CodeNotFound, "there is no project %s", name)
	}
	return p, err
}

// Projects lists all projects in name order.
func (s *Source) Projects() ([]Project, error) {
	var all []Project
	err := s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketProjects).ForEach(func(_, row []byte) error {
			var p Project
			if err := unpack(row, &p); err != nil {
				return err
			}
			all = append(all, p)
			return nil
		})
	})
	return all, err
}

// Repository implements source.Source.
func (s *Source) Repository(_ context.Context, project string) (string, error) {
	if _, err := s.Project(project); err != nil {
		return "", err
	}
	dir := s.repositoryDir(project)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return "", refusal(source.CodeNotFound, "the repository of project %s is gone", project)
	}
	return dir, nil
}

// Branches implements source.Source.
func (s *Source) Branches(ctx context.Context, project string) ([]source.Branch, error) {
	dir, err := s.Repository(ctx, project)
	if err != nil {
		return nil, err
	}
	refs, err := s.cfg.Git.Repo(dir).Refs(ctx, "refs/heads/")
	if err != nil {
		return nil, err
	}
	branches := make([]source.Branch, 0, len(refs))
	for _, ref := range refs {
		branches = append(branches, source.Branch{Name: strings.TrimPrefix(ref.Name, "refs/heads/"), Commit: ref.Hash})
	}
	return branches, nil
}

func (s *Source) repositoryDir(project string) string {
	return filepath.Join(s.cfg.Dir, "git", filepath.FromSlash(project)+".git")
}

func (s *Source) now() time.Time { return s.cfg.Now().UTC() }

func refusal(code, format string, args ...any) error {
	return &source.Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
