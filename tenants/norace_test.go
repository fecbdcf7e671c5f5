//go:build !race

package tenants

// slowdown is what the race detector costs; it is off.
const slowdown = 1
