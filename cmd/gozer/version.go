package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/gozer-ci/gozer/internal/app"
)

type versionCmd struct{}

// Help implements kong's detailed help.
func (versionCmd) Help() string { return "Example:\n  gozer version --output json" }

type versionInfo struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// Run prints what this program was built from.
func (versionCmd) Run(e *env) error {
	v := versionInfo{Version: app.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v.Revision = s.Value
			}
		}
	}
	return showValue(e, v, func(w io.Writer, v versionInfo) {
		fmt.Fprintln(w, "gozer", v.Version, v.Revision, v.Go, v.Platform)
	})
}
