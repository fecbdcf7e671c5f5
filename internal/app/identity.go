package app

import (
	"time"

	"github.com/gozer-ci/gozer/internal/auth"
	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/internal/source/local"
	"github.com/gozer-ci/gozer/scheduler"
)

// AuthConfigs returns the authenticators of a configuration in the form that
// package auth signs and verifies with.
func AuthConfigs(cfg config.Config) ([]auth.Config, error) {
	list, err := cfg.Authenticators()
	if err != nil {
		return nil, err
	}
	out := make([]auth.Config, len(list))
	for i, c := range list {
		out[i] = auth.Config{
			Name: c.Name, Driver: c.Driver, Secret: string(c.Secret), IssuerID: c.IssuerID, ClientID: c.ClientID,
			Audience: c.Audience, Authority: c.Authority, Realm: c.Realm, AllowAuthzOverride: c.AdminClaim,
			MaxValidityTime: c.MaxAge, Skew: c.Skew, UIDClaim: c.UIDClaim, Default: c.Default,
		}
	}
	return out, nil
}

// Authenticators checks tokens as a configuration says.
func Authenticators(cfg config.Config) (*auth.Authenticators, error) {
	configs, err := AuthConfigs(cfg)
	if err != nil {
		return nil, err
	}
	return auth.New(configs, time.Now)
}

// pushers tells the local source who pushes.
type pushers struct{ auth *auth.Authenticators }

func (p pushers) Authenticate(token string) (local.User, bool) {
	id, err := p.auth.Verify(token)
	if err != nil {
		return local.User{}, false
	}
	return local.User{Name: id.UID, Admin: id.AdminOfAll()}, true
}

// verifyPublisher lets a program publish events of a tenant that its token
// administers.
func (a *App) verifyPublisher(t scheduler.TenantName, token string) (user string, ok bool) {
	id, err := a.auth.Verify(token)
	if err != nil || a.tenants.find(t) == nil || !id.AdminOf(t) {
		return "", false
	}
	return id.UID, true
}
