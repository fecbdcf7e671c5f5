package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/gozer-ci/gozer/internal/seal"
)

func TestSeal(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys", "secret-data.key")
	k := open(t, file)
	plain := []byte(`{"password": "sesame"}`)
	one, err := k.Seal("acme", plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(one, []byte("sesame")) {
		t.Error("the sealed form shows the secret")
	}
	if two, _ := k.Seal("acme", plain); bytes.Equal(one, two) {
		t.Error("the same secret is sealed the same twice")
	}
	if got, err := open(t, file).Open("acme", one); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("opened as %q, %v", got, err)
	}
	if _, err := k.Open("other", one); err == nil {
		t.Error("another tenant opened it")
	}
	if _, err := open(t, filepath.Join(t.TempDir(), "key")).Open("acme", one); err == nil {
		t.Error("another key opened it")
	}
	for i := range one {
		bad := bytes.Clone(one)
		bad[i] ^= 1
		if _, err := k.Open("acme", bad); err == nil {
			t.Errorf("opened with byte %d changed", i)
		}
	}
	if _, err := k.Open("acme", nil); err == nil {
		t.Error("opened nothing")
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file has mode %v, %v", info.Mode(), err)
	}
}

func TestDamagedKeyIsRefused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Open(file); err == nil {
		t.Error("a short key was taken")
	}
}

func open(t *testing.T, file string) *seal.Key {
	t.Helper()
	k, err := seal.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
