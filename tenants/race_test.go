//go:build race

package tenants

// slowdown is what the race detector costs, in time and memory.
const slowdown = 20
