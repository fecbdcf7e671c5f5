package archive

import (
	"path"
	"strings"
)

const (
	plainText = "text/plain; charset=utf-8"
	binary    = "application/octet-stream"
)

// passive maps file name extensions to types that browsers show without
// running anything. Everything that can carry a script, such as HTML, SVG,
// XML or PDF, is missing on purpose.
var passive = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
	".mp4": "video/mp4", ".webm": "video/webm",
	".json": "application/json",
	".gz":   "application/gzip", ".zip": "application/zip", ".zst": "application/zstd", ".xz": "application/x-xz",
	".bz2": "application/x-bzip2", ".tar": "application/x-tar",
}

// textual are the extensions of files that people read; active formats are
// shown as their source.
const textual = " .txt .log .out .err .html .htm .xhtml .svg .xml .css .js .mjs .md .rst .csv .tsv .yaml .yml .toml .ini .conf .cfg" +
	" .diff .patch .sh .py .go .c .h .rs .java .rb .pl .sql .tap .subunit .lcov .info .sub .env .lock .mod .sum "

// ContentType returns the type to serve a file of a build with. It never
// names active content: what could run in a browser is text or bytes. Serve
// it with "X-Content-Type-Options: nosniff", or browsers guess.
func ContentType(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if t, ok := passive[ext]; ok {
		return t
	}
	if ext == "" || strings.Contains(textual, " "+ext+" ") {
		return plainText
	}
	return binary
}
