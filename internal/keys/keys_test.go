package keys_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/gozer-ci/gozer/internal/keys"
)

var passphrase = []byte("correct horse battery")

func secrets(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string]string{"auth-hs256": "s3cr3t\n", "project/org/app.pem": "key"} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func export(t *testing.T, dir string, lock keys.Lock) []byte {
	t.Helper()
	var out bytes.Buffer
	names, err := keys.Export(&out, dir, lock)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(names, []string{"auth-hs256", "project/org/app.pem"}) {
		t.Errorf("exported %q", names)
	}
	if bytes.Contains(out.Bytes(), []byte("s3cr3t")) || !bytes.HasPrefix(out.Bytes(), []byte("-----BEGIN PGP MESSAGE-----")) {
		t.Errorf("export is\n%s", out.Bytes())
	}
	return out.Bytes()
}

func check(t *testing.T, dir string) {
	t.Helper()
	file := filepath.Join(dir, "project/org/app.pem")
	data, err := os.ReadFile(file)
	if err != nil || string(data) != "key" {
		t.Fatalf("imported %q, %v", data, err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v", info.Mode())
	}
	err = filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".new") {
			t.Errorf("%s was left", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRoundTripWithPassphrase(t *testing.T) {
	t.Parallel()
	data := export(t, secrets(t), keys.Lock{Passphrase: passphrase})
	dir := filepath.Join(t.TempDir(), "new")
	if _, err := keys.Import(bytes.NewReader(data), dir, keys.Key{Passphrase: passphrase}, false); err != nil {
		t.Fatal(err)
	}
	check(t, dir)
	if _, err := keys.Import(bytes.NewReader(data), dir, keys.Key{Passphrase: passphrase}, false); err != nil {
		t.Errorf("importing the same again: %v", err)
	}
	wrong := t.TempDir()
	if _, err := keys.Import(bytes.NewReader(data), wrong, keys.Key{Passphrase: []byte("wrong passphrase")}, false); err == nil {
		t.Error("a wrong passphrase opened it")
	}
	if list, err := os.ReadDir(wrong); err != nil || len(list) > 0 {
		t.Errorf("a failed import wrote %v, %v", list, err)
	}
}

func TestRoundTripWithKey(t *testing.T) {
	t.Parallel()
	for name, lock := range map[string][]byte{"unlocked": nil, "locked": passphrase} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			public, private := keyPair(t, lock)
			ring, err := keys.ReadRing(public)
			if err != nil {
				t.Fatal(err)
			}
			data := export(t, secrets(t), keys.Lock{Recipients: ring})
			mine, err := keys.ReadRing(private)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if _, err := keys.Import(bytes.NewReader(data), dir, keys.Key{Private: mine, Passphrase: lock}, false); err != nil {
				t.Fatal(err)
			}
			check(t, dir)
			if _, err := keys.Import(bytes.NewReader(data), dir, keys.Key{Passphrase: passphrase}, false); err == nil {
				t.Error("it opened without the key")
			}
		})
	}
}

func TestImportReplacesOnlyWhenForced(t *testing.T) {
	t.Parallel()
	data := export(t, secrets(t), keys.Lock{Passphrase: passphrase})
	dir := t.TempDir()
	file := filepath.Join(dir, "auth-hs256")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := keys.Import(bytes.NewReader(data), dir, keys.Key{Passphrase: passphrase}, false)
	var exist *keys.ExistError
	if !errors.As(err, &exist) || !slices.Equal(exist.Names, []string{"auth-hs256"}) {
		t.Errorf("got %v", err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "mine" {
		t.Errorf("file is %q, %v", got, err)
	}
	if _, err := keys.Import(bytes.NewReader(data), dir, keys.Key{Passphrase: passphrase}, true); err != nil {
		t.Fatal(err)
	}
	check(t, dir)
}

func TestDamagedArchiveIsRefused(t *testing.T) {
	t.Parallel()
	data := export(t, secrets(t), keys.Lock{Passphrase: passphrase})
	for name, bad := range map[string][]byte{
		"truncated": data[:len(data)/2],
		"flipped":   bytes.Replace(data, data[300:301], []byte{data[300] ^ 1}, 1),
		"garbage":   []byte("hello"),
		"empty":     nil,
	} {
		dir := t.TempDir()
		if _, err := keys.Import(bytes.NewReader(bad), dir, keys.Key{Passphrase: passphrase}, true); err == nil {
			t.Errorf("%s archive was imported", name)
		}
		if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
			t.Errorf("%s archive wrote %v, %v", name, list, err)
		}
	}
}

func TestExportRefuses(t *testing.T) {
	t.Parallel()
	if _, err := keys.Export(&bytes.Buffer{}, secrets(t), keys.Lock{Passphrase: []byte("short")}); err == nil {
		t.Error("a short passphrase was taken")
	}
	if _, err := keys.Export(&bytes.Buffer{}, t.TempDir(), keys.Lock{Passphrase: passphrase}); err == nil {
		t.Error("an empty directory was exported")
	}
	dir := secrets(t)
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Export(&bytes.Buffer{}, dir, keys.Lock{Passphrase: passphrase}); err == nil {
		t.Error("a link was exported")
	}
}

// Where GnuPG is installed, it opens the archive.
func TestGnuPGOpensTheArchive(t *testing.T) {
	t.Parallel()
	gpg, err := exec.LookPath("gpg")
	if err != nil {
		t.Log("gpg is not installed")
		return
	}
	data := export(t, secrets(t), keys.Lock{Passphrase: passphrase})
	cmd := exec.CommandContext(t.Context(), gpg, "--homedir", t.TempDir(), "--batch", "--pinentry-mode", "loopback",
		"--passphrase", string(passphrase), "--decrypt")
	cmd.Stdin = bytes.NewReader(data)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	plain, err := cmd.Output()
	if err != nil || !bytes.Contains(plain, []byte("s3cr3t")) {
		t.Errorf("%v\n%s", err, stderr.String())
	}
}

// keyPair makes files with a public and a private key.
func keyPair(t *testing.T, lock []byte) (public, private string) {
	t.Helper()
	e, err := openpgp.NewEntity("Ops", "", "ops@example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	public, private = filepath.Join(dir, "public.asc"), filepath.Join(dir, "private.pgp")
	var pub, priv bytes.Buffer
	w, err := armor.Encode(&pub, "PGP PUBLIC KEY BLOCK", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(e.Serialize(w), w.Close()); err != nil {
		t.Fatal(err)
	}
	if lock != nil {
		if err := e.EncryptPrivateKeys(lock, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.SerializePrivateWithoutSigning(&priv, nil); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(public, pub.Bytes(), 0o600), os.WriteFile(private, priv.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	return public, private
}
