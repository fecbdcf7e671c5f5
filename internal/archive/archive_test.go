package archive_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/internal/archive"
)

const build = "0123456789abcdef0123456789abcdef"

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func setup(t *testing.T, l archive.Limits) (*archive.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "logs")
	s, err := archive.Open(dir, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, dir
}

// source makes a directory with files.
func source(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func put(t *testing.T, s *archive.Store, dir string) archive.Summary {
	t.Helper()
	sum, err := s.Put(context.Background(), build, dir, noon)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func paths(t *testing.T, s *archive.Store) []string {
	t.Helper()
	entries, err := s.List(build)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Path)
	}
	return names
}

func TestPutAndRead(t *testing.T) {
	t.Parallel()
	s, _ := setup(t, archive.Limits{})
	put(t, s, source(t, map[string]string{"old.txt": "old"}))
	sum := put(t, s, source(t, map[string]string{"job-output.txt": "0123456789", "deep/er/x.html": "<script>"}))
	if sum.Files != 2 || sum.Bytes != 18 || len(sum.Refused) != 0 {
		t.Errorf("got %+v", sum)
	}
	if diff := cmp.Diff([]string{"deep", "deep/er", "deep/er/x.html", "job-output.txt"}, paths(t, s)); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	f, err := s.Open(build, "/job-output.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Seek(4, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(f)
	if err != nil || string(rest) != "456789" || f.Size != 10 || f.ModTime.IsZero() || f.Type != "text/plain; charset=utf-8" {
		t.Errorf("got %q, %v, %+v", rest, err, f.Entry)
	}
	d, err := s.Open(build, "deep/")
	if err != nil || !d.Dir {
		t.Errorf("a directory is %+v, %v", d, err)
	} else {
		_ = d.Close()
	}
	if size, err := s.Size(build); err != nil || size != 18 {
		t.Errorf("size %d, %v", size, err)
	}
	if err := errors.Join(s.Delete(build), s.Delete(build)); err != nil || s.Has(build) {
		t.Errorf("delete: %v, still there: %t", err, s.Has(build))
	}
}

func TestHostileSourcesAreRefused(t *testing.T) {
	t.Parallel()
	s, dir := setup(t, archive.Limits{})
	secret := source(t, map[string]string{"secret": "secret"})
	src := source(t, map[string]string{"good.txt": "good", `back\slash`: "x"})
	fifo, sock := filepath.Join(src, "fifo"), filepath.Join(src, "sock")
	l, err := net.Listen("unix", sock)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = errors.Join(
		os.Symlink(filepath.Join(secret, "secret"), filepath.Join(src, "link")),
		os.Symlink(secret, filepath.Join(src, "linkdir")),
		os.Symlink("good.txt", filepath.Join(src, "inside")),
		syscall.Mkfifo(fifo, 0o644),
	)
	if err != nil {
		t.Fatal(err)
	}
	sum := put(t, s, src)
	if diff := cmp.Diff([]string{"good.txt"}, paths(t, s)); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	if len(sum.Refused) != 6 {
		t.Errorf("refused %v", sum.Refused)
	}
	// Links that got into the store by other ways are not followed either.
	at := filepath.Join(dir, build[:2], build)
	err = errors.Join(
		os.Symlink(filepath.Join(secret, "secret"), filepath.Join(at, "link")),
		os.Symlink(secret, filepath.Join(at, "linkdir")), os.Symlink("good.txt", filepath.Join(at, "inside")),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"link", "linkdir/secret", "inside", "../" + build + "/good.txt", "../../../etc/passwd", "good.txt/x", "a\x00b", "good.txt/../../x",
		"..", "absent",
	} {
		if f, err := s.Open(build, name); !errors.Is(err, archive.ErrNotFound) {
			t.Errorf("%q opens: %v, %v", name, f, err)
		}
	}
	for _, id := range []string{"", "..", "../x", "a/b", "0", strings.Repeat("a", 65), "incoming"} {
		if f, err := s.Open(id, "good.txt"); !errors.Is(err, archive.ErrNotFound) {
			t.Errorf("build %q opens: %v, %v", id, f, err)
		}
		if _, err := s.Put(context.Background(), id, src, noon); id != "incoming" && err == nil {
			t.Errorf("build %q is stored", id)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	s, _ := setup(t, archive.Limits{Files: 5, Bytes: 10, Depth: 2})
	src := source(t, map[string]string{"a/b/c/deep": "", "large": strings.Repeat("x", 11), "small": "x"})
	put(t, s, src)
	if got := paths(t, s); slices.Contains(got, "a/b/c") || slices.Contains(got, "large") || !slices.Contains(got, "small") {
		t.Errorf("stored %v", got)
	}
	many := map[string]string{}
	for i := range 300 {
		many[fmt.Sprint(i)] = ""
	}
	sum := put(t, s, source(t, many))
	if sum.Files != 5 || len(sum.Refused) != 100 || sum.RefusedMore != 195 {
		t.Errorf("stored %d, refused %d and %d", sum.Files, len(sum.Refused), sum.RefusedMore)
	}
	sparse := source(t, map[string]string{"sparse": ""})
	if err := os.Truncate(filepath.Join(sparse, "sparse"), 1<<40); err != nil {
		t.Fatal(err)
	}
	if sum := put(t, s, sparse); sum.Files != 0 {
		t.Errorf("stored a sparse file: %+v", sum)
	}
}

func TestInterruptedPutLeavesNothing(t *testing.T) {
	t.Parallel()
	s, dir := setup(t, archive.Limits{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Put(ctx, build, source(t, map[string]string{"x": "x"}), noon); !errors.Is(err, context.Canceled) || s.Has(build) {
		t.Errorf("got %v, stored: %t", err, s.Has(build))
	}
	// A kill in the middle of Put leaves its directory to the next Open.
	left := filepath.Join(dir, "incoming", build)
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	again, err := archive.Open(dir, archive.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := os.Lstat(left); !os.IsNotExist(err) {
		t.Errorf("%s is still there", left)
	}
}

func TestExpire(t *testing.T) {
	t.Parallel()
	s, _ := setup(t, archive.Limits{})
	src := source(t, map[string]string{"x": "x"})
	for i, id := range []string{"aa1", "aa2", "bb3"} {
		if _, err := s.Put(context.Background(), id, src, noon.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	n, err := s.Expire(noon.Add(90*time.Minute), func(id string) bool { return id == "aa1" })
	if err != nil || n != 1 || !s.Has("aa1") || s.Has("aa2") || !s.Has("bb3") {
		t.Errorf("expired %d, %v", n, err)
	}
}

func TestContentTypesAreNeverActive(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"job-output.txt": "text/plain; charset=utf-8", "x.LOG": "text/plain; charset=utf-8", "Makefile": "text/plain; charset=utf-8",
		"index.html": "text/plain; charset=utf-8", "x.HTM": "text/plain; charset=utf-8", "x.xhtml": "text/plain; charset=utf-8",
		"x.svg": "text/plain; charset=utf-8", "x.js": "text/plain; charset=utf-8", "x.xml": "text/plain; charset=utf-8",
		"x.json": "application/json", "x.png": "image/png", "x.tar.gz": "application/gzip",
		"x.pdf": "application/octet-stream", "x.swf": "application/octet-stream", "x.": "application/octet-stream", "x.shtml": "application/octet-stream",
	} {
		if got := archive.ContentType(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
