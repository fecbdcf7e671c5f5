package tenants

import (
	"path"
	"strings"
)

// localPath reports whether p stays inside the repository.
func localPath(p string) bool {
	clean := path.Clean(p)
	return !path.IsAbs(p) && clean != ".." && !strings.HasPrefix(clean, "../") && !strings.ContainsRune(p, 0)
}

func lastPart(name string) string { return path.Base(name) }
