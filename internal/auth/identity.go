package auth

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// Identity is who a verified token belongs to. The zero value is nobody.
type Identity struct {
	// UID is the person's name, from the configured claim.
	UID string
	// Email of the person; may be empty.
	Email string
	// Admin lists the tenants of the claim zuul.admin; "*" stands for all.
	Admin []string
	// Realm of the authenticator that verified the token.
	Realm string
}

// Known reports whether i is anybody.
func (i Identity) Known() bool { return i.UID != "" }

// AdminOf reports whether i may administer tenant t.
func (i Identity) AdminOf(t scheduler.TenantName) bool {
	return slices.Contains(i.Admin, string(t)) || i.AdminOfAll()
}

// AdminOfAll reports whether i may administer every tenant.
func (i Identity) AdminOfAll() bool { return slices.Contains(i.Admin, "*") }
