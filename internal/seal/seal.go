// Package seal encrypts what jobs return as secret data, with a key that never
// leaves the data directory. What it seals may be kept in logs and sent in
// messages; only a server with the same key opens it, and only for the tenant
// that it was sealed for.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gozer-ci/gozer/scheduler"
)

// keyBytes make it AES-256, in GCM mode.
const keyBytes = 32

// version is the first byte of what is sealed.
const version = 1

// Key seals and opens. It may be used from any goroutine.
type Key struct{ aead cipher.AEAD }

// Open reads the key of a file, which it makes when there is none.
func Open(file string) (*Key, error) {
	secret, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		secret, err = create(file)
	}
	if err != nil {
		return nil, fmt.Errorf("key of secret data: %w", err)
	}
	if len(secret) != keyBytes {
		return nil, fmt.Errorf("key of secret data: %s has %d bytes and must have %d; restore it, or remove it to lose the secret data of jobs under way",
			file, len(secret), keyBytes)
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("key of secret data: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("key of secret data: %w", err)
	}
	return &Key{aead}, nil
}

// create writes a new key, whole or not at all.
func create(file string) ([]byte, error) {
	secret := make([]byte, keyBytes)
	_, _ = rand.Read(secret) // never fails
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".key-*") // readable for the owner alone
	if err != nil {
		return nil, err
	}
	_, err = f.Write(secret)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(f.Name()))
	}
	return secret, nil
}

// Seal encrypts for a tenant.
func (k *Key) Seal(t scheduler.TenantName, plain []byte) (scheduler.Sealed, error) {
	return k.aead.Seal([]byte{version}, nil, plain, []byte(t)), nil
}

// Open decrypts what was sealed for the tenant with this key.
func (k *Key) Open(t scheduler.TenantName, sealed scheduler.Sealed) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != version {
		return nil, errors.New("open secret data: it is in a form that this program does not know")
	}
	plain, err := k.aead.Open(nil, nil, sealed[1:], []byte(t))
	if err != nil {
		return nil, errors.New("open secret data: another key sealed it, or for another tenant")
	}
	return plain, nil
}
