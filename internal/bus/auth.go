package bus

import (
	"crypto/subtle"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/gozer-ci/gozer/scheduler"
)

// gate lets this process in with everything, and programs of a tenant with
// that tenant's events, reports and answers.
type gate struct {
	verify func(scheduler.TenantName, string) (string, bool)
	secret string
}

// Check implements server.Authentication.
func (g *gate) Check(c server.ClientAuthentication) bool {
	o := c.GetOpts()
	if o.Username == internalUser {
		return subtle.ConstantTimeCompare([]byte(o.Password), []byte(g.secret)) == 1
	}
	if g.verify == nil || o.Username == "" {
		return false
	}
	tenant := scheduler.TenantName(o.Username)
	if _, ok := g.verify(tenant, o.Password); !ok {
		return false
	}
	c.RegisterUser(&server.User{Username: o.Username, Permissions: permissions(tenant)})
	return true
}

// permissions keep a tenant to its own subjects. The inbox carries the
// tenant's name because a shared one would let tenants read each other's
// answers.
func permissions(tenant scheduler.TenantName) *server.Permissions {
	return &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: []string{eventSubject(tenant) + ".>"}},
		Subscribe: &server.SubjectPermission{Allow: []string{ReportSubject(tenant) + ".>", InboxPrefix(tenant) + ".>"}},
	}
}

// InboxPrefix is what subjects for answers to a tenant's programs begin with.
func InboxPrefix(tenant scheduler.TenantName) string {
	return "_INBOX." + Token(string(tenant))
}
