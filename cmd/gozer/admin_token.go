package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/auth"
)

type createTokenCmd struct {
	configFlag
	User          string        `help:"Whom the token names." required:"" placeholder:"NAME"`
	Email         string        `help:"The user's address." placeholder:"ADDRESS"`
	Tenant        []string      `help:"Tenants that the user may administer; * is all." placeholder:"NAME"`
	ExpiresIn     time.Duration `help:"How long it is good; without it, auth.token-lifetime." placeholder:"DURATION"`
	Authenticator string        `help:"Which authenticator signs; without it the first." placeholder:"NAME"`
}

// Help implements kong's detailed help.
func (createTokenCmd) Help() string {
	return `The token is a password: for the API, for git over HTTP and for NATS.
It is made from the secret in the data directory, so it needs no running server.

Examples:
  gozer admin create-auth-token --user alice > ~/.config/gozer/token
  gozer admin create-auth-token --user ops --tenant acme --expires-in 1h
  gozer admin create-auth-token --config /etc/gozer/gozer.yaml --user ops --tenant '*'`
}

type tokenInfo struct {
	Token   string    `json:"token"`
	User    string    `json:"user"`
	Tenants []string  `json:"tenants"`
	Expires time.Time `json:"expires"`
}

// Run prints a token.
func (c *createTokenCmd) Run(e *env) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	list, err := app.AuthConfigs(cfg)
	if err != nil {
		return err
	}
	i := 0
	if c.Authenticator != "" {
		i = slices.IndexFunc(list, func(a auth.Config) bool { return a.Name == c.Authenticator })
	}
	if i < 0 {
		return misused("there is no authenticator %s", c.Authenticator)
	}
	if c.ExpiresIn < 0 {
		return misused("--expires-in must not be negative")
	}
	life := c.ExpiresIn
	if life == 0 {
		life = cfg.Auth.TokenLifetime
	}
	now := time.Now()
	token, err := auth.Sign(list[i], auth.Grant{UID: c.User, Email: c.Email, Admin: c.Tenant, Now: now, Validity: life})
	if err != nil {
		return err
	}
	info := tokenInfo{Token: token, User: c.User, Tenants: append([]string{}, c.Tenant...), Expires: now.Add(life).UTC().Truncate(time.Second)}
	return showValue(e, info, func(w io.Writer, t tokenInfo) {
		fmt.Fprintln(w, t.Token)
		e.warn("user %s, administers %s, expires %s", t.User, orNone(t.Tenants), t.Expires.Format(time.RFC3339))
	})
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "no tenant"
	}
	return strings.Join(list, ", ")
}
