package auth

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// maxToken bounds the work that a stranger can cause; in bytes.
const maxToken = 16 << 10

// Verify checks a token: the issuer chooses the authenticator, then come the
// signature, the claims and the times, in Zuul's order. The error is always
// an *Error.
func (a *Authenticators) Verify(token string) (Identity, error) {
	if len(token) > maxToken {
		return Identity{}, a.refuse(AuthTokenUndecoded, "Auth Token is too long")
	}
	if err := unambiguous(token); err != nil {
		return Identity{}, a.refuse(AuthTokenUndecoded, "Auth Token could not be decoded")
	}
	var unverified jwt.MapClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &unverified); err != nil {
		return Identity{}, a.refuse(AuthTokenUndecoded, "Auth Token could not be decoded")
	}
	issuer, err := unverified.GetIssuer()
	if err != nil || issuer == "" {
		return Identity{}, a.refuse(IssuerUnknown, "Issuer unknown")
	}
	for _, c := range a.list {
		if c.IssuerID == issuer {
			return c.verify(token, a.now())
		}
	}
	return Identity{}, a.refuse(IssuerUnknown, "Issuer unknown")
}

// verify checks a token of c's issuer at time now.
func (c Config) verify(token string, now time.Time) (Identity, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims,
		func(*jwt.Token) (any, error) { return []byte(c.Secret), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithIssuer(c.IssuerID),
		jwt.WithAudience(c.Audience),
		jwt.WithLeeway(c.Skew),
		jwt.WithTimeFunc(func() time.Time { return now }),
		jwt.WithStrictDecoding(),
	)
	if err != nil {
		return Identity{}, c.translate(err, claims)
	}
	return c.identify(claims, now)
}

// translate names a refusal of the token library as Zuul does.
func (c Config) translate(err error, claims jwt.MapClaims) *Error {
	switch {
	case errors.Is(err, jwt.ErrTokenUnverifiable), errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return c.refuse(AuthTokenInvalidSignature, "Auth Token signature is invalid")
	case errors.Is(err, jwt.ErrTokenMalformed):
		return c.refuse(AuthTokenUndecoded, "Auth Token could not be decoded")
	case errors.Is(err, jwt.ErrTokenRequiredClaimMissing), claims["aud"] == nil, claims["exp"] == nil:
		return c.refuse(MissingClaim, "Token is missing a required claim")
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		return c.refuse(IncorrectAudience, "Incorrect audience")
	case errors.Is(err, jwt.ErrTokenExpired):
		return c.refuse(TokenExpired, "Token has expired")
	case errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return c.refuse(IssuerUnknown, "Issuer unknown")
	default:
		return c.refuse(AuthTokenUnauthorized, "Token is not valid")
	}
}

func (c Config) refuse(name, description string) *Error {
	return &Error{Name: name, Description: description, Realm: c.Realm}
}
