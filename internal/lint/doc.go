// Package lint holds the rules of the source tree as tests: who may import
// whom, what the core must not use, what has to be documented. They need
// nothing but Go, so they hold where no other linter is installed.
package lint
