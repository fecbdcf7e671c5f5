package sim

import "math/rand/v2"

// plan is what a seed decides about the whole run: what the world is like and
// how often what goes wrong in it. Ranges are wide, so that some runs are calm
// and deep and others hardly get anything done.
type plan struct {
	tenants int
	// shared lets all tenants gate the same projects of one forge.
	shared bool
	// external keeps the broker, the executors and answers alive when a server
	// dies; only then two servers can fight for the same tenants.
	external      bool
	executors     int
	snapshotEvery uint64
	// layout is the variant of the configuration at the beginning.
	layout int
	// chance gives faults that strike once in so many times.
	chance  map[string]int
	weights []int // of moves, in the table's order
}

// faults are what can go wrong inside other moves, and how often at most, once
// in so many times.
var faults = map[string]int{
	"append refused":            8,
	"append lost":               8,
	"append kept":               8,
	"append fatal":              100,
	"crash before append":       70,
	"crash after append":        70,
	"crash with a torn record":  70,
	"crash between effects":     200,
	"crash before ack":          150,
	"snapshot lost":             3,
	"snapshot damaged":          3,
	"snapshot of another form":  4,
	"crash at a snapshot":       10,
	"read models refuse":        4,
	"read models lose the word": 4,
	"task fails":                6,
	"work published twice":      5,
	"cancel lost":               2,
	"report word lost":          5,
	"merge refused":             1,
	"merge refused in part":     1,
	"result published twice":    6,
	"delivery again":            6,
	"input stored twice":        5,
	"inputs half delivered":     6,
	"lease ends early":          3,
	"layout can't be read":      3,
}

// faultsOfAll are those that reach beyond one tenant.
var faultsOfAll = map[string]bool{
	"append fatal": true, "crash before append": true, "crash after append": true, "crash with a torn record": true,
	"crash between effects": true, "crash before ack": true, "crash at a snapshot": true,
	"read models refuse": true, "read models lose the word": true,
}

func drawPlan(rng *rand.Rand, seed uint64) plan {
	p := plan{
		tenants: 1 + rng.IntN(3), shared: rng.IntN(4) == 0, external: rng.IntN(2) == 0, executors: 1 + rng.IntN(3),
		snapshotEvery: 1 + uint64(rng.IntN(40)), layout: layoutVariants * rng.IntN(2048), chance: map[string]int{},
	}
	// One in eight runs has no faults inside moves, the others some of them.
	still := rng.IntN(8) == 0
	for _, name := range sortedKeys(faults) {
		often := faults[name] * (1 + rng.IntN(4))
		if rng.IntN(3) > 0 && !still {
			p.chance[name] = often
		}
	}
	machines := 1 + rng.IntN(3) // how much quicker than people and accidents
	for _, m := range moves {
		w := m.weight * 4
		if m.steady {
			w *= machines
		} else {
			w = w * rng.IntN(5) / 2 // some runs do without, some do it twice as much
		}
		p.weights = append(p.weights, w)
	}
	return p
}
