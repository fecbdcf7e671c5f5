//go:build !race

package e2e

// buildFlags are for building the program under test.
var buildFlags []string
