package auth

// Error is a refusal, worded for the client. It never holds any part of the
// token or the secret.
type Error struct {
	// Name is Zuul's class name, such as TokenExpiredError.
	Name string
	// Description is one sentence.
	Description string
	// Realm is that of the authenticator, or the default one when no
	// authenticator was chosen yet; may be empty.
	Realm string
}

func (e *Error) Error() string { return e.Name + ": " + e.Description }

// Names of refusals, as Zuul's API spells them.
const (
	MissingAuth               = "MissingAuthError"
	InvalidAuthFormat         = "InvalidAuthFormat"
	AuthTokenUndecoded        = "AuthTokenUndecodedException"
	AuthTokenInvalidSignature = "AuthTokenInvalidSignatureException"
	IssuerUnknown             = "IssuerUnknownError"
	MissingClaim              = "MissingClaimError"
	MissingUIDClaim           = "MissingUIDClaimError"
	IncorrectAudience         = "IncorrectAudienceError"
	TokenExpired              = "TokenExpiredError"
	AuthTokenUnauthorized     = "AuthTokenUnauthorizedException"
	IncorrectZuulAdminClaim   = "IncorrectZuulAdminClaimError"
	UnauthorizedZuulAdmin     = "UnauthorizedZuulAdminClaimError"
)
