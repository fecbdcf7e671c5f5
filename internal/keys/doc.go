// Package keys backs up the server's secrets: it writes the files of the
// secrets directory into an OpenPGP-encrypted archive and reads them back. Any
// OpenPGP program opens the archive; inside is a tar file.
package keys
