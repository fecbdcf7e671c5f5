package executor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// playbook is a playbook that is ready to run.
type playbook struct {
	scheduler.Playbook
	// argv runs it inside the sandbox.
	argv []string
}

// String names the playbook in the console as Zuul does.
func (p playbook) String() string {
	trust := "untrusted"
	if p.Trusted {
		trust = "trusted"
	}
	return fmt.Sprintf("%s : %s/%s@%s", trust, p.Project, p.Path, p.Branch)
}

// tree identifies the files of a project at a commit.
type tree struct {
	project scheduler.ProjectName
	commit  string
}

// playbookCommit is where the files of pb come from: the speculative state,
// unless the project is trusted, for what is not merged yet must not run with
// trust.
func playbookCommit(p *project, pb scheduler.Playbook) (string, error) {
	commit := p.branches[pb.Branch]
	if pb.Trusted {
		commit = p.refs.branch(pb.Branch)
	}
	if commit == "" {
		return "", problemf("playbook %s: project %s has no branch %q", pb.Path, pb.Project, pb.Branch)
	}
	return commit, nil
}

// exportTree writes the files of a commit to dir, without a repository.
func exportTree(ctx context.Context, p *project, commit, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	index := dir + ".index"
	defer os.Remove(index)
	_, err := git(ctx, []string{"GIT_INDEX_FILE=" + index},
		"--git-dir="+p.repo, "--work-tree="+dir, "-c", "core.bare=false", "checkout", "--quiet", "--force", commit, "--", ".")
	if err != nil {
		return fmt.Errorf("lay out playbooks of %s: %w", p.name, err)
	}
	return nil
}

// command returns how to run the playbook at dir/name, which jobs see below
// seen: the shell runner's choice.
func command(dir, seen string, pb scheduler.Playbook) ([]string, error) {
	name := filepath.FromSlash(path.Clean(pb.Path))
	if !filepath.IsLocal(name) {
		return nil, problemf("playbook path %q leaves its project", pb.Path)
	}
	head, executable, err := readHead(dir, name)
	if errors.Is(err, errNotAProgram) {
		return nil, problemf("playbook %s is not a file in project %s branch %s", pb.Path, pb.Project, pb.Branch)
	}
	if err != nil {
		return nil, problemf("playbook %s does not exist in project %s branch %s", pb.Path, pb.Project, pb.Branch)
	}
	if ext := strings.ToLower(path.Ext(pb.Path)); ext == ".yaml" || ext == ".yml" {
		return nil, problemf("playbook %s is YAML and needs the ansible runner, which this executor does not have;"+
			" the shell runner takes any other program", pb.Path)
	}
	file := filepath.Join(seen, name)
	switch {
	case bytes.HasPrefix(head, []byte("#!")):
		return append(shebang(head), file), nil
	case executable && bytes.HasPrefix(head, []byte("\x7fELF")):
		return []string{file}, nil
	default:
		return []string{"/bin/sh", file}, nil
	}
}

// shebang returns the interpreter and its argument as the kernel reads them,
// so that the executable bit does not matter.
func shebang(head []byte) []string {
	line, _, _ := bytes.Cut(head[2:], []byte("\n"))
	program, argument, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
	if program == "" {
		return []string{"/bin/sh"}
	}
	if argument = strings.TrimSpace(argument); argument != "" {
		return []string{program, argument}
	}
	return []string{program}
}

var errNotAProgram = errors.New("not a regular file")

// readHead returns the first bytes of a file in dir and whether it is
// executable.
func readHead(dir, name string) ([]byte, bool, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, false, err
	}
	defer root.Close()
	info, err := root.Stat(name)
	if err != nil {
		return nil, false, err
	}
	if !info.Mode().IsRegular() {
		return nil, false, errNotAProgram
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	head := make([]byte, 256)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, false, err
	}
	return head[:n], info.Mode()&fs.FileMode(0o111) != 0, nil
}
