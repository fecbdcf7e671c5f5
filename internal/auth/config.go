package auth

import (
	"errors"
	"fmt"
	"time"
)

// minSecret is the least number of bytes of a secret: HS256 is no stronger
// than its key.
const minSecret = 16

// Config is one authenticator, with Zuul's keys.
type Config struct {
	// Name of the section, for messages.
	Name string
	// Driver is HS256, the default.
	Driver string
	// Secret is the key that signs and verifies; at least 16 bytes.
	Secret string
	// IssuerID is the claim iss of the tokens that this authenticator checks.
	IssuerID string
	// ClientID is shown to clients and is the audience when Audience is empty.
	ClientID string
	// Audience is the claim aud that tokens must have.
	Audience string
	// Authority is shown to clients; empty means IssuerID.
	Authority string
	// Realm names the authenticator to clients; unique.
	Realm string
	// AllowAuthzOverride lets tokens carry the claim zuul.admin.
	AllowAuthzOverride bool
	// MaxValidityTime limits the age of a token, counted from iat; 0 is no limit.
	MaxValidityTime time.Duration
	// Skew is how far clocks may be apart.
	Skew time.Duration
	// UIDClaim names the claim that identifies the person; empty means sub.
	UIDClaim string
	// Default makes Realm the one that clients use when none is named.
	Default bool
}

func (c Config) withDefaults() Config {
	if c.Driver == "" {
		c.Driver = "HS256"
	}
	if c.Audience == "" {
		c.Audience = c.ClientID
	}
	if c.Authority == "" {
		c.Authority = c.IssuerID
	}
	if c.UIDClaim == "" {
		c.UIDClaim = "sub"
	}
	return c
}

// check reports what makes c unusable; c has its defaults.
func (c Config) check() error {
	var errs []error
	if c.Driver != "HS256" {
		errs = append(errs, fmt.Errorf("driver %q is not known: use HS256", c.Driver))
	}
	if len(c.Secret) < minSecret {
		errs = append(errs, fmt.Errorf("secret is shorter than %d bytes", minSecret))
	}
	for key, value := range map[string]string{"realm": c.Realm, "issuer_id": c.IssuerID, "client_id": c.Audience} {
		if value == "" {
			errs = append(errs, fmt.Errorf("%s is missing", key))
		}
	}
	if c.Skew < 0 || c.MaxValidityTime < 0 {
		errs = append(errs, errors.New("skew and max_validity_time must not be negative"))
	}
	if len(errs) > 0 {
		return fmt.Errorf("authenticator %s: %w", c.Name, errors.Join(errs...))
	}
	return nil
}
