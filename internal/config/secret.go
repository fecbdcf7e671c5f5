package config

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// minSecret is the length of the shortest secret for HS256 (RFC 7518, 3.2).
const minSecret = 32

// authSecret is the file of the generated secret, in the data directory.
const authSecret = "auth-hs256"

// Secret is a text that no log and no message shows.
type Secret string

// String hides the secret.
func (Secret) String() string { return "[hidden]" }

// GoString hides the secret.
func (Secret) GoString() string { return "[hidden]" }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("[hidden]") }

// SecretsDir is where generated secrets and keys are, under the data directory.
func (c Config) SecretsDir() string { return filepath.Join(c.Data, "secrets") }

// Authenticators returns those of the file with their secrets read, or one
// with the generated secret, which is made when it does not exist.
func (c Config) Authenticators() ([]Authenticator, error) {
	if len(c.Auth.Authenticators) == 0 {
		secret, err := c.generated(authSecret)
		if err != nil {
			return nil, err
		}
		var a Authenticator
		fillDefaults(&a)
		a.Name, a.Secret, a.AdminClaim = "gozer", secret, true
		return []Authenticator{a}, nil
	}
	out := make([]Authenticator, 0, len(c.Auth.Authenticators))
	for _, a := range c.Auth.Authenticators {
		if a.SecretFile != "" {
			secret, err := readSecret(a.SecretFile)
			if err != nil {
				return nil, fmt.Errorf("authenticator %s: %w", a.Name, err)
			}
			a.Secret = secret
		}
		if len(a.Secret) < minSecret {
			return nil, fmt.Errorf("authenticator %s: the secret has %d bytes, %d are the least; make one with: openssl rand -hex 32", a.Name, len(a.Secret), minSecret)
		}
		out = append(out, a)
	}
	return out, nil
}

// NATSPassword reads the password for an external NATS server; empty when
// there is none.
func (c Config) NATSPassword() (Secret, error) {
	if c.NATS.PasswordFile == "" {
		return "", nil
	}
	return readSecret(c.NATS.PasswordFile)
}

func readSecret(path string) (Secret, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	return Secret(strings.TrimSpace(string(data))), nil
}

// generated reads the secret called name, or makes it. Only the server's user
// may read it.
func (c Config) generated(name string) (Secret, error) {
	path := filepath.Join(c.SecretsDir(), name)
	secret, err := readSecret(path)
	if err == nil && len(secret) >= minSecret {
		return secret, nil
	}
	if err == nil {
		return "", fmt.Errorf("secret in %s is damaged: %d bytes are too few; restore it, or delete it to have a new one made (tokens become invalid)", path, len(secret))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := os.MkdirAll(c.SecretsDir(), 0o700); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails
	if err := writeNew(path, []byte(hex.EncodeToString(raw[:])+"\n")); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	return readSecret(path)
}

// writeNew makes a synced file that nobody else may read; one that another
// process made meanwhile wins.
func writeNew(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // only the second name matters
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
