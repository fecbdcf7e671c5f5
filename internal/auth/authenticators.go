package auth

import (
	"fmt"
	"strings"
	"time"
)

// Authenticators checks tokens against every configured authenticator. It is
// immutable and safe for concurrent use.
type Authenticators struct {
	list []Config
	now  func() time.Time
}

// New checks the configurations. An empty list is valid: nobody can then
// authenticate.
func New(configs []Config, now func() time.Time) (*Authenticators, error) {
	a := &Authenticators{now: now}
	realms := make(map[string]bool)
	for _, c := range configs {
		c = c.withDefaults()
		if err := c.check(); err != nil {
			return nil, err
		}
		if realms[c.Realm] {
			return nil, fmt.Errorf("authenticator %s: realm %q is declared twice", c.Name, c.Realm)
		}
		realms[c.Realm] = true
		a.list = append(a.list, c)
	}
	return a, nil
}

// Realm is what clients may know of an authenticator.
type Realm struct {
	Name      string
	Driver    string
	Authority string
	ClientID  string
}

// Realms lists the realms in configuration order.
func (a *Authenticators) Realms() []Realm {
	realms := make([]Realm, 0, len(a.list))
	for _, c := range a.list {
		realms = append(realms, Realm{Name: c.Realm, Driver: c.Driver, Authority: c.Authority, ClientID: c.ClientID})
	}
	return realms
}

// DefaultRealm is the realm marked so, else the first, else empty.
func (a *Authenticators) DefaultRealm() string {
	for _, c := range a.list {
		if c.Default {
			return c.Realm
		}
	}
	if len(a.list) > 0 {
		return a.list[0].Realm
	}
	return ""
}

// Authenticate reads the value of an Authorization header. The error is
// always an *Error.
func (a *Authenticators) Authenticate(header string) (Identity, error) {
	if header == "" {
		return Identity{}, a.refuse(MissingAuth, `Missing "Authorization" header`)
	}
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return Identity{}, a.refuse(InvalidAuthFormat, `Authorization header must be "Bearer" and a token`)
	}
	return a.Verify(strings.TrimSpace(token))
}

func (a *Authenticators) refuse(name, description string) *Error {
	return &Error{Name: name, Description: description, Realm: a.DefaultRealm()}
}
