// Package app composes the parts of Gozer into running programs. It is the
// only place that knows all of them; what it adds is wiring and the small
// adapters between one part's port and another part's methods.
package app
