package web

import (
	"context"
	"errors"

	"github.com/gozer-ci/gozer/scheduler"
)

// ErrVerifying says that another verification is under way.
var ErrVerifying = errors.New("another verification is under way")

// Verifier holds the log to what is made from it.
type Verifier interface {
	// Verify folds the log of tenants, of all when none are named, and compares
	// it with the live state, the newest snapshots and the read models. What
	// differs is in the Verification; an error means that it could not be found
	// out. Errors: ErrVerifying; a Rejection not_found for a tenant that the
	// log has nothing of, unavailable for one that is still being read.
	Verify(ctx context.Context, tenants []scheduler.TenantName) (Verification, error)
}

// Verification is what a Verifier found.
type Verification struct {
	Tenants []TenantVerification
}

// TenantVerification is what a Verifier found about one tenant. Nothing
// differs when it has neither Problems nor Differences.
type TenantVerification struct {
	Name scheduler.TenantName
	// Head is the last commit of the log, Hash its hash in hexadecimal;
	// Commits and Events count what was folded.
	Head            uint64
	Hash            string
	Commits, Events int
	// Live, Snapshot and Models are the commits of the live state, the snapshot
	// and the read models that were compared; 0 when there was none.
	Live, Snapshot, Models uint64
	// Rows counts the rows that the read models should have.
	Rows int
	// Problems are sentences, Differences rows of the read models.
	Problems, Differences []string
}

// verificationDoc is the JSON form of a Verification.
type verificationDoc struct {
	OK      bool                    `json:"ok"`
	Tenants []tenantVerificationDoc `json:"tenants"`
}

type tenantVerificationDoc struct {
	Name        scheduler.TenantName `json:"name"`
	OK          bool                 `json:"ok"`
	Head        uint64               `json:"head"`
	Hash        string               `json:"hash"`
	Commits     int                  `json:"commits"`
	Events      int                  `json:"events"`
	Live        uint64               `json:"live"`
	Snapshot    uint64               `json:"snapshot"`
	Models      uint64               `json:"models"`
	Rows        int                  `json:"rows"`
	Problems    []string             `json:"problems"`
	Differences []string             `json:"differences"`
}

func (v Verification) doc() verificationDoc {
	out := verificationDoc{OK: true, Tenants: []tenantVerificationDoc{}}
	for i := range v.Tenants {
		t := &v.Tenants[i]
		ok := len(t.Problems) == 0 && len(t.Differences) == 0
		out.OK = out.OK && ok
		out.Tenants = append(out.Tenants, tenantVerificationDoc{
			Name: t.Name, OK: ok, Head: t.Head, Hash: t.Hash, Commits: t.Commits, Events: t.Events,
			Live: t.Live, Snapshot: t.Snapshot, Models: t.Models, Rows: t.Rows,
			Problems: append([]string{}, t.Problems...), Differences: append([]string{}, t.Differences...),
		})
	}
	return out
}
