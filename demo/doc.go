// Package demo shows a gate at work: it starts a real server, pushes real
// changes to real repositories with git, approves them, tells in the terminal
// what the gate does and why, and then checks for itself that what merged is
// what was tested.
package demo
