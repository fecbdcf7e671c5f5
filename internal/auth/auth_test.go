package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gozer-ci/gozer/internal/auth"
)

const secret = "0123456789abcdef0123456789abcdef"

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func config() auth.Config {
	return auth.Config{
		Name: "main", Secret: secret, IssuerID: "gozer", ClientID: "gozer.example.com", Realm: "example",
		AllowAuthzOverride: true,
	}
}

func setup(t *testing.T, configs ...auth.Config) *auth.Authenticators {
	t.Helper()
	a, err := auth.New(configs, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// claims are those of a good token, with changes; a nil value takes one away.
func claims(changes jwt.MapClaims) jwt.MapClaims {
	c := jwt.MapClaims{
		"iss": "gozer", "aud": "gozer.example.com", "sub": "alice",
		"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	for name, value := range changes {
		c[name] = value
		if value == nil {
			delete(c, name)
		}
	}
	return c
}

func sign(t *testing.T, method jwt.SigningMethod, key any, c jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, c).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func hs256(t *testing.T, c jwt.MapClaims) string {
	t.Helper()
	return sign(t, jwt.SigningMethodHS256, []byte(secret), c)
}

// refusal is the name of the error, or empty.
func refusal(err error) string {
	if e, ok := errors.AsType[*auth.Error](err); ok {
		return e.Name
	}
	if err != nil {
		return "not an *auth.Error: " + err.Error()
	}
	return ""
}

func TestSignedTokenIsAccepted(t *testing.T) {
	t.Parallel()
	a := setup(t, config())
	token, err := auth.Sign(config(), auth.Grant{UID: "alice", Email: "alice@example.com", Admin: []string{"acme"}, Now: now, Validity: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	who, err := a.Authenticate("bEaReR " + token)
	if err != nil {
		t.Fatal(err)
	}
	if who.UID != "alice" || who.Email != "alice@example.com" || who.Realm != "example" {
		t.Errorf("got %+v", who)
	}
	if !who.AdminOf("acme") || who.AdminOf("other") || who.AdminOfAll() {
		t.Errorf("admin of %v", who.Admin)
	}
}

func TestStarMakesAdministratorOfAll(t *testing.T) {
	t.Parallel()
	who, err := setup(t, config()).Verify(hs256(t, claims(jwt.MapClaims{"zuul": map[string]any{"admin": []string{"*"}}})))
	if err != nil || !who.AdminOf("any") || !who.AdminOfAll() {
		t.Errorf("got %+v, %v", who, err)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	a := setup(t, config())
	for header, want := range map[string]string{
		"":              auth.MissingAuth,
		"Basic abc":     auth.InvalidAuthFormat,
		"Bearer":        auth.InvalidAuthFormat,
		"Bearer x":      auth.AuthTokenUndecoded,
		"Bearer ":       auth.AuthTokenUndecoded,
		"Bearer a.b.c":  auth.AuthTokenUndecoded,
		"Bearer ..":     auth.AuthTokenUndecoded,
		"bearer a b.c.": auth.AuthTokenUndecoded,
	} {
		if _, err := a.Authenticate(header); refusal(err) != want {
			t.Errorf("header %q: got %q, want %q", header, refusal(err), want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		config func(*auth.Config)
		claims jwt.MapClaims
		want   string
	}{
		"no issuer":              {claims: jwt.MapClaims{"iss": nil}, want: auth.IssuerUnknown},
		"other issuer":           {claims: jwt.MapClaims{"iss": "mallory"}, want: auth.IssuerUnknown},
		"no audience":            {claims: jwt.MapClaims{"aud": nil}, want: auth.MissingClaim},
		"other audience":         {claims: jwt.MapClaims{"aud": "other.example.com"}, want: auth.IncorrectAudience},
		"no expiry":              {claims: jwt.MapClaims{"exp": nil}, want: auth.MissingClaim},
		"expired":                {claims: jwt.MapClaims{"exp": now.Add(-time.Second).Unix()}, want: auth.TokenExpired},
		"expiry is text":         {claims: jwt.MapClaims{"exp": "never"}, want: auth.AuthTokenUnauthorized},
		"no subject":             {claims: jwt.MapClaims{"sub": nil}, want: auth.MissingClaim},
		"not before the future":  {claims: jwt.MapClaims{"nbf": now.Add(time.Hour).Unix()}, want: auth.AuthTokenUnauthorized},
		"issued in the future":   {claims: jwt.MapClaims{"iat": now.Add(time.Hour).Unix()}, want: auth.AuthTokenUnauthorized},
		"admin is text":          {claims: jwt.MapClaims{"zuul": map[string]any{"admin": "acme"}}, want: auth.IncorrectZuulAdminClaim},
		"admin holds numbers":    {claims: jwt.MapClaims{"zuul": map[string]any{"admin": []any{1}}}, want: auth.IncorrectZuulAdminClaim},
		"zuul is text":           {claims: jwt.MapClaims{"zuul": "admin"}, want: auth.IncorrectZuulAdminClaim},
		"admin is not allowed":   {config: func(c *auth.Config) { c.AllowAuthzOverride = false }, claims: jwt.MapClaims{"zuul": map[string]any{"admin": []any{"acme"}}}, want: auth.UnauthorizedZuulAdmin},
		"empty admin is allowed": {config: func(c *auth.Config) { c.AllowAuthzOverride = false }, claims: jwt.MapClaims{"zuul": map[string]any{"admin": []any{}}}},
		"no uid":                 {config: func(c *auth.Config) { c.UIDClaim = "email" }, want: auth.MissingUIDClaim},
		"too old":                {config: func(c *auth.Config) { c.MaxValidityTime = time.Second }, want: auth.TokenExpired},
		"no iat with a limit":    {config: func(c *auth.Config) { c.MaxValidityTime = time.Hour }, claims: jwt.MapClaims{"iat": nil}, want: auth.MissingClaim},
		"iat is optional":        {claims: jwt.MapClaims{"iat": nil}},
		"skew forgives":          {config: func(c *auth.Config) { c.Skew = time.Minute }, claims: jwt.MapClaims{"iat": now.Add(30 * time.Second).Unix(), "exp": now.Add(-30 * time.Second).Unix()}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config()
			if tc.config != nil {
				tc.config(&c)
			}
			_, err := setup(t, c).Verify(hs256(t, claims(tc.claims)))
			if got := refusal(err); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestAttacks(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	good := hs256(t, claims(nil))
	head, body, _ := strings.Cut(good, ".")
	_, signature, _ := strings.Cut(body, ".")
	raw := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	withKID := jwt.NewWithClaims(jwt.SigningMethodHS256, claims(nil))
	withKID.Header["kid"] = "../../../dev/null"
	emptyKey, err := withKID.SignedString([]byte{})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ token, want string }{
		"alg none":               {sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims(nil)), auth.AuthTokenInvalidSignature},
		"alg RS256":              {sign(t, jwt.SigningMethodRS256, key, claims(nil)), auth.AuthTokenInvalidSignature},
		"alg HS512":              {sign(t, jwt.SigningMethodHS512, []byte(secret), claims(nil)), auth.AuthTokenInvalidSignature},
		"public key as secret":   {sign(t, jwt.SigningMethodHS256, public, claims(nil)), auth.AuthTokenInvalidSignature},
		"kid names an empty key": {emptyKey, auth.AuthTokenInvalidSignature},
		"no signature":           {strings.TrimSuffix(good, signature), auth.AuthTokenInvalidSignature},
		"other claims":           {head + "." + raw(`{"iss":"gozer","sub":"root"}`) + "." + signature, auth.AuthTokenInvalidSignature},
		"repeated claim":         {head + "." + raw(`{"iss":"gozer","sub":"a","sub":"root"}`) + "." + signature, auth.AuthTokenUndecoded},
		"repeated deeper":        {head + "." + raw(`{"iss":"gozer","zuul":{"admin":[],"admin":["*"]}}`) + "." + signature, auth.AuthTokenUndecoded},
		"deep nesting":           {head + "." + raw(strings.Repeat("[", 9000)) + "." + signature, auth.AuthTokenUndecoded},
		"1 MB token":             {strings.Repeat("a", 1<<20), auth.AuthTokenUndecoded},
		"header is no object":    {raw(`"x"`) + "." + body, auth.AuthTokenUndecoded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who, err := setup(t, config()).Verify(tc.token)
			if got := refusal(err); got != tc.want || who.Known() {
				t.Errorf("got %q for %+v, want %q", got, who, tc.want)
			}
		})
	}
}

func TestIssuerChoosesAuthenticator(t *testing.T) {
	t.Parallel()
	other := config()
	other.Name, other.Realm, other.IssuerID, other.Secret = "other", "second", "partner", "ffffffffffffffffffffffffffffffff"
	other.Default = true
	a := setup(t, config(), other)
	who, err := a.Verify(sign(t, jwt.SigningMethodHS256, []byte(other.Secret), claims(jwt.MapClaims{"iss": "partner"})))
	if err != nil || who.Realm != "second" {
		t.Errorf("got %+v, %v", who, err)
	}
	_, err = a.Verify(sign(t, jwt.SigningMethodHS256, []byte(other.Secret), claims(nil)))
	if refusal(err) != auth.AuthTokenInvalidSignature {
		t.Errorf("a secret of another issuer: %v", err)
	}
	if e, ok := errors.AsType[*auth.Error](err); !ok || e.Realm != "example" {
		t.Errorf("refused by realm %v, want that of the issuer", err)
	}
	if a.DefaultRealm() != "second" || len(a.Realms()) != 2 {
		t.Errorf("default realm %q of %v", a.DefaultRealm(), a.Realms())
	}
}

func TestBadConfigurations(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*auth.Config){
		"short secret":   func(c *auth.Config) { c.Secret = "short" },
		"unknown driver": func(c *auth.Config) { c.Driver = "none" },
		"no issuer":      func(c *auth.Config) { c.IssuerID = "" },
		"no audience":    func(c *auth.Config) { c.ClientID = "" },
		"no realm":       func(c *auth.Config) { c.Realm = "" },
		"negative skew":  func(c *auth.Config) { c.Skew = -1 },
	} {
		c := config()
		change(&c)
		if _, err := auth.New([]auth.Config{c}, time.Now); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := auth.Sign(c, auth.Grant{UID: "a", Now: now, Validity: 1}); err == nil {
			t.Errorf("%s: signs", name)
		}
	}
	if _, err := auth.New([]auth.Config{config(), config()}, time.Now); err == nil {
		t.Error("a realm declared twice: no error")
	}
}

func FuzzVerify(f *testing.F) {
	a, err := auth.New([]auth.Config{config()}, func() time.Time { return now })
	if err != nil {
		f.Fatal(err)
	}
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJub25lIn0.eyJpc3MiOiJnb3plciJ9.")
	f.Fuzz(func(t *testing.T, token string) {
		if who, err := a.Verify(token); err == nil || who.Known() {
			t.Fatalf("accepted %q", token)
		}
	})
}
