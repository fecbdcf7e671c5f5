package auth

import (
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Grant is what a new token says.
type Grant struct {
	// UID is the person's name.
	UID string
	// Email may be empty.
	Email string
	// Admin lists tenants that the person administers; "*" stands for all.
	Admin []string
	// Now is the time of issue, Validity how long the token lasts.
	Now      time.Time
	Validity time.Duration
}

// Sign makes a token that an authenticator of the same configuration accepts.
func Sign(c Config, g Grant) (string, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return "", err
	}
	if g.UID == "" || g.Validity <= 0 {
		return "", fmt.Errorf("sign token: a user and a validity above zero are needed")
	}
	if len(g.Admin) > 0 && !c.AllowAuthzOverride {
		return "", fmt.Errorf("sign token: authenticator %s does not allow zuul.admin claims: set allow_authz_override", c.Name)
	}
	claims := jwt.MapClaims{
		"iss": c.IssuerID,
		"aud": c.Audience,
		"sub": g.UID,
		"iat": g.Now.Unix(),
		"exp": g.Now.Add(g.Validity).Unix(),
	}
	claims[c.UIDClaim] = g.UID
	if g.Email != "" {
		claims["email"] = g.Email
	}
	if len(g.Admin) > 0 {
		claims["zuul"] = map[string]any{"admin": g.Admin}
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(c.Secret))
}
