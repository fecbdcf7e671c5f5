// Package sim plays the whole server against a world that goes wrong: the real
// engine, wire format, replica and read models on a disk, a network, a forge
// and executors that crash, lose, repeat, reorder and lie, all in one goroutine
// and fully determined by a seed.
//
// A run is a number of steps. Each step draws its move and everything that the
// move decides from a generator of its own, seeded by the run's seed and the
// step's number, so that steps can be left out and the others stay what they
// were: that is how a failing run is reduced. The promises that must hold have
// the names of docs/promises.md; docs/reliability.md tells what is simulated.
package sim
