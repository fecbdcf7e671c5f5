// Package gozer holds what the whole program publishes: the contract of its
// HTTP API.
package gozer

import _ "embed"

// OpenAPI is openapi.yaml, the contract of the HTTP API.
//
//go:embed openapi.yaml
var OpenAPI []byte
