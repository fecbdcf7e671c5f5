package executor

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A clone of a workspace has no objects of its own: it borrows those of the
// server's repository, which the sandbox shows read-only. Links to the object
// files would be as cheap, but a job owns its workspace and could write
// through them into the server's repository.

// clone is a repository of a workspace to make.
type clone struct {
	dir     string // work tree, to be created
	objects string // object directory of the server's repository
	// seenAs is that directory as jobs see it.
	seenAs   string
	branches map[string]string // local branches
	upstream map[string]string // what origin has
	tags     map[string]string
	checkout string // branch to check out; empty for commit
	commit   string
}

const cloneConfig = `[core]
	repositoryformatversion = %d
	filemode = true
	bare = false
	logallrefupdates = true
[remote "origin"]
	url = file:///dev/null
	fetch = +refs/heads/*:refs/remotes/origin/*
[user]
	name = Gozer
	email = gozer@localhost
[gc]
	auto = 0
%s`

// make writes the repository and checks it out.
func (c clone) make(ctx context.Context) error {
	gitDir := filepath.Join(c.dir, ".git")
	for _, d := range []string{"objects/info", "objects/pack", "refs/heads", "refs/tags", "info"} {
		if err := os.MkdirAll(filepath.Join(gitDir, d), 0o755); err != nil {
			return err
		}
	}
	head := c.commit
	args := []string{"-C", c.dir, "checkout", "--quiet", "--force", "--detach", c.commit, "--"}
	if c.checkout != "" {
		head = "ref: refs/heads/" + c.checkout
		args = []string{"-C", c.dir, "checkout", "--quiet", "--force", c.checkout, "--"}
	}
	version, extensions := 0, ""
	if len(c.commit) == 64 {
		version, extensions = 1, "[extensions]\n\tobjectformat = sha256\n"
	}
	alternates := filepath.Join(gitDir, "objects/info/alternates")
	for name, content := range map[string]string{
		"HEAD":        head + "\n",
		"config":      fmt.Sprintf(cloneConfig, version, extensions),
		"packed-refs": c.packedRefs(),
	} {
		if err := os.WriteFile(filepath.Join(gitDir, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	if err := os.WriteFile(alternates, []byte(c.objects+"\n"), 0o644); err != nil {
		return err
	}
	if _, err := git(ctx, nil, args...); err != nil {
		return err
	}
	return os.WriteFile(alternates, []byte(c.seenAs+"\n"), 0o644)
}

func (c clone) packedRefs() string {
	all := map[string]string{}
	add := func(prefix string, refs map[string]string) {
		for name, hash := range refs {
			if validRef(name) && validHash(hash) {
				all[prefix+name] = hash
			}
		}
	}
	add("refs/heads/", c.branches)
	add("refs/remotes/origin/", c.upstream)
	add("refs/tags/", c.tags)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%s %s\n", all[name], name)
	}
	return b.String()
}
