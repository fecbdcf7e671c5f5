package keys

import (
	"bytes"
	"fmt"
	"os"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// ReadRing reads a file of OpenPGP keys, armored or not.
func ReadRing(file string) (openpgp.EntityList, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	read := openpgp.ReadKeyRing
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN PGP")) {
		read = openpgp.ReadArmoredKeyRing
	}
	list, err := read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read keys of %s: %w", file, err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("read keys: %s holds none", file)
	}
	return list, nil
}

// ReadPassphrase reads a file's first line.
func ReadPassphrase(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read passphrase: %w", err)
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	return bytes.TrimRight(line, "\r"), nil
}
