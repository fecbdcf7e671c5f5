package preparer

import (
	"strings"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/tenants"
)

// mayHoldConfig reports whether a path is configuration of the project, or,
// with a trailing slash, a directory in which there may be some.
func mayHoldConfig(project *tenants.TenantProject, path string) bool {
	if source.IsConfigFile(path) || project.IsConfigFile(path) {
		return true
	}
	// .zuul.ignore files say which directories are passed over.
	if strings.HasSuffix(path, "/.zuul.ignore") {
		return true
	}
	if !strings.HasSuffix(path, "/") {
		return false
	}
	for _, extra := range project.ExtraConfigPaths {
		if strings.HasPrefix(extra, path) || strings.HasPrefix(path, extra) {
			return true
		}
	}
	return false
}
