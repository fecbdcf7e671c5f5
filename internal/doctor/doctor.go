// Package doctor looks for what is missing or unsafe on a machine that runs a
// server, and knows how to mend it.
package doctor

import (
	"context"

	"github.com/gozer-ci/gozer/internal/config"
)

// State is how bad a finding is.
type State string

// The states.
const (
	OK      State = "ok"
	Warning State = "warning" // works, but less safely or not for long
	Failure State = "failure" // the server or its jobs will not work
)

// Finding is the outcome of one check.
type Finding struct {
	Check  string `json:"check"`
	State  State  `json:"state"`
	Detail string `json:"detail"`
	// Mend is a command or sentence that helps; empty when all is well.
	Mend string `json:"mend,omitempty"`
}

// Examine runs all checks for a configuration, in the order in which they
// would stop a server. Nothing is changed but for a file that is made in the
// data directory and deleted.
func Examine(ctx context.Context, cfg config.Config) []Finding {
	var out []Finding
	for _, check := range []func(context.Context, config.Config) Finding{
		git, bubblewrap, dataDir, space, secrets, tenantFile, stopped, address, exposure,
	} {
		out = append(out, check(ctx, cfg))
	}
	return out
}

func ok(check, detail string) Finding { return Finding{Check: check, State: OK, Detail: detail} }

func warning(check, detail, mend string) Finding {
	return Finding{Check: check, State: Warning, Detail: detail, Mend: mend}
}

func failure(check, detail, mend string) Finding {
	return Finding{Check: check, State: Failure, Detail: detail, Mend: mend}
}
