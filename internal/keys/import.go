package keys

import (
	"archive/tar"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// Key opens an archive: the passphrase that it was made with, or a private
// key of a recipient, which Passphrase unlocks when it is locked itself.
type Key struct {
	Passphrase []byte
	Private    openpgp.EntityList
}

// ExistError says that an import would replace files that hold something else.
type ExistError struct{ Names []string }

func (e *ExistError) Error() string {
	return "these secrets exist and differ: " + strings.Join(e.Names, ", ")
}

// Import reads an archive of Export and writes its files below dir, which is
// made if needed. Nothing is written unless the archive is whole. Files that
// exist with other content are an *ExistError, unless force replaces them. It
// returns the names of the files in the archive.
func Import(r io.Reader, dir string, key Key, force bool) ([]string, error) {
	files, err := open(r, key)
	if err != nil {
		return nil, fmt.Errorf("import keys: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("import keys: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("import keys: %w", err)
	}
	defer root.Close()
	if err := conflicts(root, files); err != nil && !force {
		return nil, fmt.Errorf("import keys into %s: %w", dir, err)
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.name
		if err := write(root, f); err != nil {
			return names[:i], fmt.Errorf("import key %s: %w", f.name, err)
		}
	}
	return names, nil
}

type file struct {
	name string
	data []byte
}

// open decrypts the whole archive, so that its integrity is known, and lists
// its files.
func open(r io.Reader, key Key) ([]file, error) {
	block, err := armor.Decode(r)
	if err != nil {
		return nil, fmt.Errorf("not an export of gozer: %w", err)
	}
	if block.Type != messageType {
		return nil, fmt.Errorf("not an export of gozer: it holds a %s", block.Type)
	}
	md, err := openpgp.ReadMessage(block.Body, key.Private, key.prompt(), config())
	if err != nil {
		return nil, fmt.Errorf("cannot decrypt, is it the right passphrase or key? %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(md.UnverifiedBody, 2*maxBytes))
	if err != nil || len(plain) == 2*maxBytes { // the end proves integrity
		return nil, fmt.Errorf("the file is damaged: %w", cmp.Or(err, errors.New("it is too large")))
	}
	return unpack(plain)
}

// prompt offers the passphrase once; asked again, it was wrong.
func (k Key) prompt() openpgp.PromptFunction {
	asked := false
	return func(locked []openpgp.Key, _ bool) ([]byte, error) {
		if asked || len(k.Passphrase) == 0 {
			return nil, errors.New("no passphrase fits")
		}
		asked = true
		for _, l := range locked {
			// One that stays locked is noticed by who asked.
			_ = l.PrivateKey.Decrypt(k.Passphrase)
		}
		return k.Passphrase, nil
	}
}

func unpack(plain []byte) ([]file, error) {
	in := tar.NewReader(bytes.NewReader(plain))
	var files []file
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the file is damaged: %w", err)
		}
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(h.Name) || path.Clean(h.Name) != h.Name {
			return nil, fmt.Errorf("not an export of gozer: it holds %q", h.Name)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("the file is damaged: %w", err)
		}
		files = append(files, file{h.Name, data})
	}
}

// conflicts returns an *ExistError when files would be replaced.
func conflicts(root *os.Root, files []file) error {
	var names []string
	for _, f := range files {
		data, err := root.ReadFile(f.name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if !bytes.Equal(data, f.data) {
			names = append(names, f.name)
		}
	}
	if len(names) > 0 {
		return &ExistError{Names: names}
	}
	return nil
}

// write replaces one file so that a crash leaves the old or the new one.
func write(root *os.Root, f file) error {
	if err := root.MkdirAll(path.Dir(f.name), 0o700); err != nil {
		return err
	}
	temp := f.name + ".new"
	// One that a crash left behind must not keep its mode.
	if err := root.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	out, err := root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = out.Write(f.data)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := root.Rename(temp, f.name); err != nil {
		return err
	}
	dir, err := root.Open(path.Dir(f.name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
