// Package auth signs and verifies the bearer tokens of Gozer: HS256 JSON web
// tokens, checked in the order and with the error names of Zuul's API.
//
// A token names a person (claim sub, or another configured one) and may make
// that person administrator of tenants (claim zuul.admin). Only the
// configured algorithm and secret are ever used; nothing in a token chooses a
// key.
package auth
