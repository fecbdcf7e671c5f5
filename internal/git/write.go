package git

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1" //nolint:gosec // git's object names
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// WriteCommit stores a commit and returns its hash. Seconds are since 1970, in
// UTC; author and committer are both who, as "Name <email>". It writes a loose
// object itself, which is a hundred times cheaper than a process. The object is
// not synced, see SyncCommit.
func (r Repo) WriteCommit(_ context.Context, tree string, parents []string, who string, seconds int64, message string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", tree)
	for _, p := range parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author %s %d +0000\ncommitter %s %d +0000\n\n%s", who, seconds, who, seconds, message)
	object := fmt.Appendf(nil, "commit %d\x00%s", b.Len(), b.String())
	hash := objectHash(object, len(tree) == 64)
	if err := r.writeLoose(hash, object); err != nil {
		return "", fmt.Errorf("write commit %s in %s: %w", hash, r.Dir, err)
	}
	return hash, nil
}

func objectHash(object []byte, long bool) string {
	if long {
		sum := sha256.Sum256(object)
		return hex.EncodeToString(sum[:])
	}
	sum := sha1.Sum(object) //nolint:gosec // git's object names
	return hex.EncodeToString(sum[:])
}

// writeLoose puts an object in its place by a rename, so that nobody sees half
// of it. An object that is there already stays.
func (r Repo) writeLoose(hash string, object []byte) error {
	dir := filepath.Join(r.Dir, "objects", hash[:2])
	path := filepath.Join(dir, hash[2:])
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := os.CreateTemp(dir, "tmp_obj_")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone after the rename
	if err := errors.Join(deflate(f, object), f.Chmod(0o444), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func deflate(f *os.File, object []byte) error {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	if _, err := w.Write(object); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_, err := f.Write(packed.Bytes())
	return err
}
