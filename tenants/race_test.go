//go:build race

package tenants

// slowdown is what the race detector costs.
const slowdown = 20
