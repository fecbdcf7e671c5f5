package check

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gozer-ci/gozer/tenants"
)

// repository is where the files of a project are read from.
type repository interface {
	// Branches lists all branches.
	Branches(ctx context.Context) ([]branch, error)
	// Files reads the files of a branch whose path matches. Of a file that is
	// too large for a configuration the beginning is enough.
	Files(ctx context.Context, branch string, match func(path string) bool) ([]tenants.File, error)
}

// branch is a branch of a repository.
type branch struct {
	Name    string
	Default bool
}

// defaultBranchName is what a plain directory stands for unless told.
const defaultBranchName = "master"

// openRepository takes dir for a git repository when it looks like one.
func openRepository(dir, branchName string) repository {
	if exists(filepath.Join(dir, ".git")) || exists(filepath.Join(dir, "HEAD")) && exists(filepath.Join(dir, "objects")) {
		return gitRepository(dir)
	}
	if branchName == "" {
		branchName = defaultBranchName
	}
	return directory{dir, branchName}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// directory is a plain directory: one branch.
type directory struct{ dir, branch string }

func (d directory) Branches(context.Context) ([]branch, error) {
	return []branch{{Name: d.branch, Default: true}}, nil
}

func (d directory) Files(_ context.Context, _ string, match func(string) bool) (files []tenants.File, err error) {
	root, err := os.OpenRoot(d.dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // only read
	err = fs.WalkDir(root.FS(), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || !match(path) {
			return err
		}
		f, err := root.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // only read
		data, err := io.ReadAll(io.LimitReader(f, tenants.MaxFileBytes+1))
		files = append(files, tenants.File{Path: path, Data: data})
		return err
	})
	return files, err
}
