package config

import (
	"fmt"
	"strings"
)

// Document renders the reference of all keys as Markdown, one table for each
// section of the file.
func Document() string {
	var b strings.Builder
	keys := Keys()
	writeTable(&b, "Top level", keys, func(path string) bool { return !strings.Contains(path, ".") })
	for _, k := range keys {
		if k.Type == "section" || k.Type == "list of sections" {
			prefix := k.Path + "."
			if k.Type != "section" {
				prefix = k.Path + "[]."
			}
			writeTable(&b, "`"+strings.TrimSuffix(prefix, ".")+"`", keys, func(path string) bool {
				rest, ok := strings.CutPrefix(path, prefix)
				return ok && !strings.Contains(rest, ".")
			})
		}
	}
	return b.String()
}

func writeTable(b *strings.Builder, title string, keys []Key, include func(string) bool) {
	fmt.Fprintf(b, "\n### %s\n\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n", title)
	for _, k := range keys {
		if !include(k.Path) {
			continue
		}
		kind := k.Type
		if len(k.Values) > 0 {
			kind = "`" + strings.Join(k.Values, "`, `") + "`"
		} else if k.Unit != "" && k.Unit != k.Type {
			kind += ", " + k.Unit
		}
		def := "none"
		if k.Default != "" {
			def = "`" + k.Default + "`"
		}
		if strings.Contains(k.Type, "section") {
			def = ""
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", k.Path, kind, def, k.Doc)
	}
}
