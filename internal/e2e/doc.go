// Package e2e holds the tests that drive whole servers: the gozer program as
// its own process, real git clients, real sandboxes, and the API as any client
// uses it. What they hold the program to is that nothing which was accepted is
// lost, whatever kills it, and that nobody's nonsense hurts anybody else.
//
// There is no code here but tests. Everything listens on loopback addresses
// and lives in directories of the test.
package e2e
