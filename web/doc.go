// Package web serves Gozer over HTTP: Zuul's REST API with Zuul's shapes and
// status codes, the API of the built-in code review, consoles, archived logs,
// metrics and health.
//
// The contract is openapi.yaml at the root of the repository. Every request
// under /api is checked against it at run time, every answer in the tests,
// and the routes of routes.go are compared with it both ways. Read routes.go
// first; each operation has a file of its own named after it.
//
// The package decides nothing and stores nothing: what it shows comes through
// the small interfaces of ports.go and review.go, what it is asked to do
// leaves through Inputs and Review. No handler waits for a slow client while
// it holds anything that others need.
package web
