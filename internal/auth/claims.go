package auth

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// identify reads who the claims of a verified token describe.
func (c Config) identify(claims jwt.MapClaims, now time.Time) (Identity, error) {
	if claims["sub"] == nil {
		return Identity{}, c.refuse(MissingClaim, `Token is missing the claim "sub"`)
	}
	if c.MaxValidityTime > 0 && claims["iat"] == nil {
		return Identity{}, c.refuse(MissingClaim, `Token is missing the claim "iat"`)
	}
	uid, _ := claims[c.UIDClaim].(string)
	if uid == "" {
		return Identity{}, c.refuse(MissingUIDClaim, `Token is missing the claim "`+c.UIDClaim+`"`)
	}
	if err := c.checkAge(claims, now); err != nil {
		return Identity{}, err
	}
	admin, err := c.admin(claims)
	if err != nil {
		return Identity{}, err
	}
	email, _ := claims["email"].(string)
	return Identity{UID: uid, Email: email, Admin: admin, Realm: c.Realm}, nil
}

// checkAge refuses tokens of the future and tokens issued too long ago.
func (c Config) checkAge(claims jwt.MapClaims, now time.Time) error {
	if claims["iat"] == nil {
		return nil
	}
	issued, err := claims.GetIssuedAt()
	switch {
	case err != nil || issued == nil:
		return c.refuse(AuthTokenUndecoded, `Claim "iat" is not a time`)
	case issued.After(now.Add(c.Skew)):
		return c.refuse(AuthTokenUnauthorized, "Token was issued in the future")
	case c.MaxValidityTime > 0 && now.Sub(issued.Time) > c.MaxValidityTime:
		return c.refuse(TokenExpired, "Token was issued too long ago")
	}
	return nil
}

// admin reads the claim zuul.admin, a list of tenants.
func (c Config) admin(claims jwt.MapClaims) ([]string, error) {
	zuul, present := claims["zuul"]
	if !present {
		return nil, nil
	}
	object, ok := zuul.(map[string]any)
	if !ok {
		return nil, c.refuse(IncorrectZuulAdminClaim, "The zuul claim is not an object")
	}
	value, present := object["admin"]
	if !present {
		return nil, nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, c.refuse(IncorrectZuulAdminClaim, "The zuul.admin claim is not a list")
	}
	if len(list) > 0 && !c.AllowAuthzOverride {
		return nil, c.refuse(UnauthorizedZuulAdmin, "The issuer may not set the zuul.admin claim")
	}
	tenants := make([]string, 0, len(list))
	for _, t := range list {
		name, ok := t.(string)
		if !ok {
			return nil, c.refuse(IncorrectZuulAdminClaim, "The zuul.admin claim holds something else than names")
		}
		tenants = append(tenants, name)
	}
	return tenants, nil
}
