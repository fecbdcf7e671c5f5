package local

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
)

// quarantinePrefix begins the names of directories with objects that are not
// accepted yet.
const quarantinePrefix = "incoming-"

// unpackBelow is the number of objects below which a pack is taken apart, so
// that many small pushes don't leave many small packs.
const unpackBelow = 100

// quarantine holds the objects of a push until the push is accepted; the
// repository does not see them before.
type quarantine struct {
	repo string
	dir  string // empty until there are objects
}

// env lets a git command see the repository with the objects in quarantine.
func (q *quarantine) env() []string {
	if q.dir == "" {
		return nil
	}
	objects := filepath.Join(q.repo, "objects")
	return []string{"GIT_OBJECT_DIRECTORY=" + q.dir, "GIT_ALTERNATE_OBJECT_DIRECTORIES=" + objects}
}

// discard removes what was not accepted.
func (q *quarantine) discard() {
	if q.dir != "" {
		_ = os.RemoveAll(q.dir) // what stays is removed at the next start
	}
}

// receive reads a pack. Every object is checked, and that everything it links
// to is there, so that the repository stays whole.
func (q *quarantine) receive(ctx context.Context, pack *bufio.Reader, limit int64) error {
	head, err := pack.Peek(12)
	if err != nil || string(head[:4]) != "PACK" {
		return refusal(source.CodeInvalid, "the push holds no pack")
	}
	if q.dir, err = os.MkdirTemp(filepath.Join(q.repo, "objects"), quarantinePrefix); err != nil {
		return fmt.Errorf("receive pack: %w", err)
	}
	size := fmt.Sprintf("--max-input-size=%d", limit)
	args := []string{"index-pack", "--stdin", "--fix-thin", "--strict", size}
	if binary.BigEndian.Uint32(head[8:]) < unpackBelow {
		args = []string{"unpack-objects", "-q", "--strict", size}
	}
	counted := &counter{r: pack}
	err = git.Run(ctx, git.Command{
		Dir: q.repo, Args: args, Env: q.env(), Stdin: counted,
		Config: []string{"core.bigFileThreshold=16m", "core.fsyncMethod=batch"},
		Limits: git.Limits{MemoryBytes: 4 << 30, FileBytes: uint64(max(4*limit, 1<<30))},
	})
	var failed *git.Error
	switch {
	case err == nil:
		return nil
	case counted.n > limit:
		return refusal(source.CodeExhausted, "the pack is larger than %d bytes", limit)
	case errors.As(err, &failed):
		return refusal(source.CodeInvalid, "the pack is refused: %s", failed.Reason())
	}
	return err
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// accept moves the objects into the repository. An index is moved after its
// pack, so that git never sees an index without a pack.
func (q *quarantine) accept() error {
	if q.dir == "" {
		return nil
	}
	for _, last := range []bool{false, true} {
		if err := q.moveFiles(last); err != nil {
			return fmt.Errorf("accept pushed objects: %w", err)
		}
	}
	q.discard()
	q.dir = ""
	return nil
}

func (q *quarantine) moveFiles(indexes bool) error {
	dirs := map[string]bool{}
	err := filepath.WalkDir(q.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".idx") != indexes {
			return err
		}
		name, err := filepath.Rel(q.dir, path)
		if err != nil {
			return err
		}
		target := filepath.Join(q.repo, "objects", name)
		if dir := filepath.Dir(target); !dirs[dir] {
			dirs[dir] = true
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
		}
		if _, err := os.Stat(target); err == nil {
			return nil // the same object, for the name is its hash
		}
		return os.Rename(path, target)
	})
	if err != nil {
		return err
	}
	dirs[filepath.Join(q.repo, "objects")] = true
	for dir := range dirs {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
