//go:build race

package e2e

// buildFlags make the program under test look for races as the tests do.
var buildFlags = []string{"-race"}
