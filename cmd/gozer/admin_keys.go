package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gozer-ci/gozer/internal/keys"
)

// passphraseFlag names the file with a passphrase.
type passphraseFlag struct {
	PassphraseFile string `help:"File with a passphrase in its first line." type:"path" placeholder:"FILE"`
}

func (f passphraseFlag) read() ([]byte, error) {
	if f.PassphraseFile == "" {
		return nil, nil
	}
	return keys.ReadPassphrase(f.PassphraseFile)
}

type exportKeysCmd struct {
	configFlag
	passphraseFlag
	Out       string   `help:"File to write; it must not exist." required:"" type:"path" placeholder:"FILE"`
	Recipient []string `help:"File with an OpenPGP public key that can open the export." type:"path" placeholder:"FILE"`
}

// Help implements kong's detailed help.
func (exportKeysCmd) Help() string {
	return `Without the secrets a restored server takes none of the old tokens. GnuPG opens the file too; a tar archive is inside.

Examples:
  gozer admin export-keys --out keys.asc --passphrase-file passphrase
  gozer admin export-keys --out keys.asc --recipient ops.asc`
}

type keysInfo struct {
	File    string   `json:"file"`
	Secrets []string `json:"secrets"`
}

// Run exports.
func (x *exportKeysCmd) Run(e *env) error {
	if (x.PassphraseFile == "") == (len(x.Recipient) == 0) {
		return misused("say who can open the export: --passphrase-file or --recipient")
	}
	cfg, err := x.load()
	if err != nil {
		return err
	}
	var lock keys.Lock
	if lock.Passphrase, err = x.read(); err != nil {
		return err
	}
	for _, file := range x.Recipient {
		ring, err := keys.ReadRing(file)
		if err != nil {
			return err
		}
		lock.Recipients = append(lock.Recipients, ring...)
	}
	names, err := exportTo(x.Out, cfg.SecretsDir(), lock)
	if err != nil {
		return err
	}
	return showValue(e, keysInfo{x.Out, names}, func(w io.Writer, k keysInfo) {
		fmt.Fprintf(w, "%d secrets are in %s\n", len(k.Secrets), k.File)
	})
}

// exportTo writes a synced file, or none.
func exportTo(out, dir string, lock keys.Lock) (names []string, err error) {
	f, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("export keys: %w", err)
	}
	names, err = keys.Export(f, dir, lock)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(out))
	}
	return names, nil
}

type importKeysCmd struct {
	configFlag
	passphraseFlag
	In    string `arg:"" name:"file" help:"File of export-keys." type:"existingfile"`
	Key   string `help:"File with the OpenPGP private key of a recipient; --passphrase-file unlocks it." type:"path" placeholder:"FILE"`
	Force bool   `help:"Replace secrets that exist and differ."`
}

// Help implements kong's detailed help.
func (importKeysCmd) Help() string {
	return `Stop the server first, or restart it afterwards: it reads secrets at its start.

Examples:
  gozer admin import-keys keys.asc --passphrase-file passphrase
  gozer admin import-keys keys.asc --key ops-private.asc --data /var/lib/gozer`
}

// Run imports.
func (m *importKeysCmd) Run(e *env) error {
	if m.PassphraseFile == "" && m.Key == "" {
		return misused("say what opens the file: --passphrase-file or --key")
	}
	cfg, err := m.load()
	if err != nil {
		return err
	}
	var key keys.Key
	if key.Passphrase, err = m.read(); err != nil {
		return err
	}
	if m.Key != "" {
		if key.Private, err = keys.ReadRing(m.Key); err != nil {
			return err
		}
	}
	f, err := os.Open(m.In)
	if err != nil {
		return fmt.Errorf("import keys: %w", err)
	}
	defer f.Close()
	names, err := keys.Import(f, cfg.SecretsDir(), key, m.Force)
	if _, ok := errors.AsType[*keys.ExistError](err); ok {
		return fmt.Errorf("%w\nto replace them: --force", err)
	}
	if err != nil {
		return err
	}
	return showValue(e, keysInfo{m.In, names}, func(w io.Writer, k keysInfo) {
		fmt.Fprintf(w, "%d secrets are in %s\n", len(k.Secrets), filepath.Clean(cfg.SecretsDir()))
	})
}
