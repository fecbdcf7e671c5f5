package keys

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/ProtonMail/go-crypto/openpgp/s2k"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// maxBytes bounds the content of an archive; real secrets have kilobytes.
const maxBytes = 64 << 20

// messageType is the armor of an encrypted message.
const messageType = "PGP MESSAGE"

// minPassphrase is the length of the shortest passphrase for an export.
const minPassphrase = 12

// Lock says who can open an archive: who has the passphrase, or who has the
// private key of one of the recipients. One of the two is set.
type Lock struct {
	Passphrase []byte
	Recipients openpgp.EntityList
}

// config makes messages that GnuPG 2.2 and later opens, with the most
// expensive derivation of a key from a passphrase that it knows.
func config() *packet.Config {
	return &packet.Config{
		DefaultCipher: packet.CipherAES256,
		S2KConfig:     &s2k.Config{S2KMode: s2k.IteratedSaltedS2K, S2KCount: 65011712},
	}
}

// Export writes every file below dir to w, encrypted and in ASCII armor. It
// returns the names of the files.
func Export(w io.Writer, dir string, lock Lock) ([]string, error) {
	plain, finish, err := encrypt(w, lock)
	if err != nil {
		return nil, fmt.Errorf("export keys: %w", err)
	}
	names, err := archive(plain, dir)
	if err = errors.Join(err, finish()); err != nil {
		return nil, fmt.Errorf("export keys of %s: %w", dir, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("export keys: %s holds no secrets; they are made by the first start of the server", dir)
	}
	return names, nil
}

// encrypt returns where to write, and what to call at the end.
func encrypt(w io.Writer, lock Lock) (io.Writer, func() error, error) {
	if len(lock.Recipients) == 0 && len(lock.Passphrase) < minPassphrase {
		return nil, nil, fmt.Errorf("the passphrase must have at least %d characters", minPassphrase)
	}
	armored, err := armor.Encode(w, messageType, nil)
	if err != nil {
		return nil, nil, err
	}
	var plain io.WriteCloser
	if len(lock.Recipients) > 0 {
		plain, err = openpgp.Encrypt(armored, lock.Recipients, nil, nil, nil, config())
	} else {
		plain, err = openpgp.SymmetricallyEncrypt(armored, lock.Passphrase, nil, config())
	}
	if err != nil {
		return nil, nil, err
	}
	finish := func() error {
		err := errors.Join(plain.Close(), armored.Close())
		if err == nil {
			_, err = io.WriteString(w, "\n")
		}
		return err
	}
	return plain, finish, nil
}

// archive writes the regular files below dir as a tar file.
func archive(w io.Writer, dir string) ([]string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	out := tar.NewWriter(w)
	var names []string
	var total int64
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is not a regular file", name)
		}
		data, err := root.ReadFile(name)
		if err != nil {
			return err
		}
		if total += int64(len(data)); total > maxBytes {
			return fmt.Errorf("more than %d bytes: this is not a directory of secrets", maxBytes)
		}
		names = append(names, name)
		return add(out, name, data)
	})
	return names, errors.Join(err, out.Close())
}

func add(out *tar.Writer, name string, data []byte) error {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: int64(len(data)), Format: tar.FormatPAX}
	if err := out.WriteHeader(h); err != nil {
		return err
	}
	_, err := out.Write(data)
	return err
}
