package bus

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// maxToken bounds a token, which also names a stream and with it a directory.
const maxToken = 120

// Token encodes name as one token of a subject: ASCII letters, digits, "-" and
// "_" stay, every other byte becomes "=" and two hexadecimal digits. Names
// whose encoding is longer than 120 bytes are cut and get a hash. Distinct
// names have distinct tokens; an empty name is "=".
func Token(name string) string {
	if name == "" {
		return "="
	}
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if plain(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	if b.Len() <= maxToken {
		return b.String()
	}
	sum := sha256.Sum256([]byte(name))
	// "==" occurs in no other token.
	return b.String()[:maxToken-34] + "==" + hex.EncodeToString(sum[:16])
}

func plain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}
