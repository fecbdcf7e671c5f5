package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// errAmbiguous is the answer to a token that two readers could understand
// differently.
var errAmbiguous = errors.New("token is malformed or repeats a claim")

// unambiguous refuses tokens whose header or claims repeat a name on the
// first or a deeper level: parsers disagree on which of the values counts.
func unambiguous(token string) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errAmbiguous
	}
	for _, part := range parts[:2] {
		data, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			return errAmbiguous
		}
		if err := uniqueNames(json.NewDecoder(bytes.NewReader(data))); err != nil {
			return err
		}
	}
	return nil
}

// uniqueNames reads one JSON value.
func uniqueNames(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return errAmbiguous
	}
	switch token {
	case json.Delim('{'):
		seen := make(map[string]bool)
		for d.More() {
			name, err := d.Token()
			text, ok := name.(string)
			if err != nil || !ok || seen[text] {
				return errAmbiguous
			}
			seen[text] = true
			if err := uniqueNames(d); err != nil {
				return err
			}
		}
	case json.Delim('['):
		for d.More() {
			if err := uniqueNames(d); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	if _, err := d.Token(); err != nil { // the closing bracket
		return errAmbiguous
	}
	return nil
}
