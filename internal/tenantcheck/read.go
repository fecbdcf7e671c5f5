package tenantcheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/gozer-ci/gozer/tenants"
)

// maxConfigFile bounds a file of in-repo configuration.
const maxConfigFile = 4 << 20

// read returns the branches of a project below repos, nil when it is not there.
func read(ctx context.Context, p *tenants.TenantProject, repos string) ([]tenants.ProjectBranch, error) {
	if !filepath.IsLocal(p.Name) {
		return nil, nil
	}
	for _, name := range []string{p.Name, p.Name + ".git"} {
		dir := filepath.Join(repos, name)
		info, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
			continue
		}
		if err != nil {
			return nil, err
		}
		if bare(dir) {
			return readBare(ctx, p, dir)
		}
		return readTree(ctx, p, dir)
	}
	return nil, nil
}

func bare(dir string) bool {
	_, head := os.Stat(filepath.Join(dir, "HEAD"))
	objects, err := os.Stat(filepath.Join(dir, "objects"))
	return head == nil && err == nil && objects.IsDir()
}

// readTree reads the files on disk as the branch that is checked out; those of
// a config-project as the branch that is loaded, whichever is checked out.
func readTree(ctx context.Context, p *tenants.TenantProject, dir string) ([]tenants.ProjectBranch, error) {
	branch := "main"
	if p.Trusted {
		branch = p.LoadBranch
	} else if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
		// A detached head has no name; then the default stays.
		if out, err := git(ctx, dir, "symbolic-ref", "--short", "HEAD"); err == nil {
			branch = strings.TrimSpace(string(out))
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	out := tenants.ProjectBranch{Project: p.Canonical, Branch: branch, Default: true}
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == ".git":
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular() || !wanted(p, name):
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > maxConfigFile {
			return errors.Join(err, fmt.Errorf("%s is larger than %d bytes", name, maxConfigFile))
		}
		data, err := root.ReadFile(name)
		out.Files = append(out.Files, tenants.File{Path: name, Data: data})
		return err
	})
	return []tenants.ProjectBranch{out}, err
}

// wanted reports whether a file is configuration, or says not to read some.
func wanted(p *tenants.TenantProject, name string) bool {
	return p.IsConfigFile(name) || path.Base(name) == ".zuul.ignore"
}

// readBare reads every branch of a repository without work tree.
func readBare(ctx context.Context, p *tenants.TenantProject, dir string) ([]tenants.ProjectBranch, error) {
	list, err := git(ctx, dir, "for-each-ref", "--format=%(refname)", "refs/heads/")
	if err != nil {
		return nil, err
	}
	head, err := git(ctx, dir, "symbolic-ref", "HEAD")
	if err != nil {
		return nil, err
	}
	out := []tenants.ProjectBranch{}
	for ref := range strings.Lines(string(list)) {
		ref = strings.TrimSpace(ref)
		b := tenants.ProjectBranch{
			Project: p.Canonical, Branch: strings.TrimPrefix(ref, "refs/heads/"), Default: ref == strings.TrimSpace(string(head)),
		}
		if p.Trusted && b.Branch != p.LoadBranch {
			continue
		}
		if b.Files, err = readBranch(ctx, p, dir, ref); err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func readBranch(ctx context.Context, p *tenants.TenantProject, dir, ref string) ([]tenants.File, error) {
	names, err := git(ctx, dir, "ls-tree", "-r", "-z", "--name-only", ref)
	if err != nil {
		return nil, err
	}
	var out []tenants.File
	for name := range bytes.SplitSeq(names, []byte{0}) {
		if len(name) == 0 || !wanted(p, string(name)) {
			continue
		}
		data, err := git(ctx, dir, "cat-file", "blob", ref+":"+string(name))
		if err != nil {
			return nil, err
		}
		out = append(out, tenants.File{Path: string(name), Data: data})
	}
	return out, nil
}

// git runs a reading command that no configuration outside of dir touches.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-C", dir}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s in %s: %w: %s", args[0], dir, err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}
