package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
	"go.etcd.io/bbolt"
)

// alter changes one stored value of a closed store.
func alter(t *testing.T, path, table string, change func(k, v []byte) []byte) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("tenant/" + string(tenant))).Bucket([]byte(table))
		k, v := b.Cursor().First()
		key, now := bytes.Clone(k), change(k, bytes.Clone(v))
		if now == nil {
			return b.Delete(key)
		}
		return b.Put(key, now)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func flip(at int) func(k, v []byte) []byte {
	return func(_, v []byte) []byte { v[at%len(v)] ^= 0x10; return v }
}

func filled(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "models.db")
	s := open(t, path)
	apply(t, s, gate()...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFlippedBitsInRowsAreFound(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"builds", "buildsets", "items", "decisions", "refusals", "estimates", "counts"} {
		for _, at := range []int{0, 3, 4, 17} {
			path := filled(t)
			alter(t, path, table, flip(at))
			s := open(t, path)
			err := s.Check(context.Background(), tenant)
			var damage *store.DamageError
			if !errors.As(err, &damage) || damage.Tenant != tenant {
				t.Errorf("%s, byte %d flipped: check says %v", table, at, err)
			}
		}
	}
}

func TestReadersMeetDamage(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	reads := map[string]func(s *store.Store) error{
		"builds": func(s *store.Store) error {
			_, err := s.Builds(ctx, tenant, store.BuildFilter{})
			return err
		},
		"buildsets": func(s *store.Store) error {
			_, err := s.Buildsets(ctx, tenant, store.BuildsetFilter{})
			return err
		},
		"estimates": func(s *store.Store) error {
			_, _, err := s.Estimate(ctx, tenant, "local/org/app", "main", "unit")
			return err
		},
		"items": func(s *store.Store) error {
			_, err := s.Item(ctx, tenant, "item-a")
			return err
		},
		"counts": func(s *store.Store) error {
			_, err := s.Counts(ctx, tenant)
			return err
		},
	}
	for table, read := range reads {
		path := filled(t)
		alter(t, path, table, flip(9))
		var told []scheduler.TenantName
		s, err := store.Open(path, store.Options{Logger: quiet(),
			OnDamage: func(name scheduler.TenantName, _ error) { told = append(told, name) }})
		if err != nil {
			t.Fatal(err)
		}
		if err := read(s); !errors.Is(err, store.ErrDamaged) || len(told) != 1 || told[0] != tenant {
			t.Errorf("read of %s with a flipped bit: %v, told %v", table, err, told)
		}
		if err := s.Reset(tenant); err != nil {
			t.Error(err)
		}
		apply(t, s, gate()...)
		if err := read(s); err != nil {
			t.Errorf("%s after filling anew: %v", table, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestIndexThatLiesIsFound(t *testing.T) {
	t.Parallel()
	path := filled(t)
	alter(t, path, "builds.index", func(_, _ []byte) []byte { return nil })
	if err := open(t, path).Check(context.Background(), tenant); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("an index that lost an entry: %v", err)
	}
}

func TestSwappedRowsAreFound(t *testing.T) {
	t.Parallel()
	path := filled(t)
	var first []byte
	alter(t, path, "builds", func(_, v []byte) []byte { first = v; return v })
	alter(t, path, "buildsets", func(_, _ []byte) []byte { return first })
	if err := open(t, path).Check(context.Background(), tenant); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a row of another table was taken: %v", err)
	}
}

func TestUnusableFilesAreMadeAnew(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, path string){
		"no store at all": func(t *testing.T, path string) { write(t, path, []byte("not a store, but long enough to look")) },
		"cut to one page": func(t *testing.T, path string) { truncate(t, path, 4096) },
		"zeroed":          func(t *testing.T, path string) { write(t, path, make([]byte, 64<<10)) },
		"another schema": func(t *testing.T, path string) {
			meta(t, path, func(b *bbolt.Bucket) error { return b.Put([]byte("schema"), []byte("other")) })
		},
		"no schema": func(t *testing.T, path string) {
			meta(t, path, func(b *bbolt.Bucket) error { return b.Delete([]byte("schema")) })
		},
		"damaged position": func(t *testing.T, path string) { alter(t, path, "state", flip(6)) },
		"condemned":        func(t *testing.T, path string) { write(t, path+".damaged", []byte("panic: page 7")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filled(t)
			spoil(t, path)
			s := open(t, path)
			if s.Remade() == "" {
				t.Error("the file was taken as it is")
			}
			p, err := s.Applied(tenant)
			if err != nil || p.Seq != 0 {
				t.Errorf("a new file is at commit %d: %v", p.Seq, err)
			}
			apply(t, s, gate()...)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if again := open(t, path); again.Remade() != "" {
				t.Errorf("made anew once more: %s", again.Remade())
			}
		})
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

func meta(t *testing.T, path string, change func(*bbolt.Bucket) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error { return change(tx.Bucket([]byte("meta"))) })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// firstLine returns the first line of got that want does not have.
func firstLine(got, want []byte) string {
	for line := range bytes.Lines(got) {
		if !bytes.Contains(want, line) {
			return string(line)
		}
	}
	return "lines are missing"
}

// TestMain lets the test program be the process that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("STORE_TEST_FILL"); path != "" {
		fillForEver(path)
		os.Exit(0) // never run the tests: they would start this again
	}
	var err error
	if benchDir, err = os.MkdirTemp("", "store"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(benchDir) // of the benchmarks
	os.Exit(code)
}

// fillForEver applies commits and tells the sequence of each after it is applied.
func fillForEver(path string) {
	s, err := store.Open(path, store.Options{Logger: quiet()})
	if err != nil {
		panic(err)
	}
	commits := newMaker(77, tenant).make(4000)
	p, err := s.Applied(tenant)
	if err != nil {
		panic(err)
	}
	for _, c := range commits[p.Seq:] {
		if err := s.Apply(context.Background(), []store.Commit{c}); err != nil {
			panic(err)
		}
		if err := binary.Write(os.Stdout, binary.BigEndian, c.Seq); err != nil {
			return
		}
	}
}

func TestKilledProcessLosesNothingApplied(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "models.db")
	commits := newMaker(77, tenant).make(4000)
	told := uint64(0)
	for life := range 6 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "STORE_TEST_FILL="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for range 20 + 13*life {
			if err := binary.Read(out, binary.BigEndian, &told); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
		}
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
		s := open(t, path)
		p, err := s.Applied(tenant)
		if err != nil || p.Seq < told || s.Remade() != "" {
			t.Fatalf("after a kill: commit %d, told %d: %v %s", p.Seq, told, err, s.Remade())
		}
		want := fresh(t)
		apply(t, want, commits[:p.Seq]...)
		if !bytes.Equal(dump(t, want), dump(t, s)) {
			t.Fatalf("rows after a kill at commit %d differ", p.Seq)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
