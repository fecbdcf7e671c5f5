package tenants

import (
	"path"
	"slices"
	"strings"
)

// configRoots are where configuration stands, the first that exists wins. A
// name with a slash at its end is a directory.
var configRoots = []string{"zuul.yaml", "zuul.d/", ".zuul.yaml", ".zuul.d/"}

// ignoreFile in a directory keeps configuration from being read below it.
const ignoreFile = ".zuul.ignore"

// under reports whether p is root, or stands in the directory that it names.
func under(p, root string) bool {
	return p == root || strings.HasSuffix(root, "/") && strings.HasPrefix(p, root)
}

func isStandardConfig(p string) bool {
	return slices.ContainsFunc(configRoots, func(root string) bool { return under(p, root) })
}

// selectFiles returns the files that configuration is read from, in load
// order, and the roots that exist but are passed over.
func selectFiles(files []File, extra []string) (chosen []File, root string, ignored []string) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for _, r := range configRoots {
		found := configUnder(files, r)
		switch {
		case len(found) == 0:
		case root == "":
			root, chosen = r, found
		default:
			ignored = append(ignored, r)
		}
	}
	for _, r := range extra {
		chosen = append(chosen, configUnder(files, r)...)
	}
	return chosen, root, ignored
}

// configUnder returns the files of one root.
func configUnder(files []File, root string) []File {
	var found []File
	for _, f := range files {
		if under(f.Path, root) && (f.Path == root || strings.HasSuffix(f.Path, ".yaml") && !hidden(files, root, f.Path)) {
			found = append(found, f)
		}
	}
	return found
}

// hidden reports whether a directory between root and p says to ignore it.
func hidden(files []File, root, p string) bool {
	for dir := path.Dir(p); len(dir) >= len(root)-1 && dir != "."; dir = path.Dir(dir) {
		marker := path.Join(dir, ignoreFile)
		if _, found := slices.BinarySearchFunc(files, marker, func(f File, s string) int { return strings.Compare(f.Path, s) }); found {
			return true
		}
	}
	return false
}
