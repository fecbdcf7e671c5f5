package sim

import "math/rand/v2"

// move is one kind of step. do reports whether there was anything to do. A new
// command of the core needs one row here; a new effect one in pool.go.
type move struct {
	name string
	// weight is how often it is drawn among the others.
	weight int
	// steady moves keep their weight in every run; the others have more or
	// less of it, or none.
	steady bool
	// shared moves concern more than one tenant.
	shared bool
	do     func(s *Sim, t *tenant) bool
}

// moves are all steps there are.
var moves = []move{
	// The server at work.
	{"decide", 14, true, false, (*Sim).decide},
	{"perform", 16, true, false, often((*Sim).perform)},
	{"take work", 10, true, false, often((*Sim).take)},
	{"finish build", 10, true, false, often((*Sim).finish)},
	{"deliver result", 14, true, false, often((*Sim).deliver)},
	{"deliver events", 6, true, false, func(_ *Sim, t *tenant) bool { return t.forge.deliverEvents() }},
	{"provide nodes", 8, true, false, often((*Sim).provide)},
	{"tell the time", 1, true, false, (*Sim).tick},
	{"look for executors", 1, true, false, (*Sim).monitor},
	{"announce failure", 4, true, false, (*Sim).announce},
	{"end leases", 2, true, false, (*Sim).expire},
	{"project", 1, true, true, (*Sim).project},
	{"start server", 4, true, true, (*Sim).startServer},

	// People at work.
	{"new change", 3, false, false, (*Sim).newChange},
	{"new approved change", 8, false, false, (*Sim).newApproved},
	{"approve", 4, true, false, (*Sim).approve},
	{"withdraw approval", 1, false, false, (*Sim).withdraw},
	{"new patchset", 1, false, false, (*Sim).newPatchset},
	{"abandon", 1, false, false, (*Sim).abandon},
	{"restore", 1, false, false, (*Sim).restore},
	{"edit dependencies", 1, false, false, (*Sim).edit},
	{"push", 1, false, false, (*Sim).push},
	{"merge by hand", 1, false, false, (*Sim).mergeByHand},
	{"change configuration", 1, false, false, (*Sim).configure},
	{"make or delete branch", 1, false, false, (*Sim).branch},
	{"enqueue", 1, false, false, (*Sim).enqueue},
	{"enqueue branch", 1, false, false, (*Sim).enqueueBranch},
	{"dequeue", 1, false, false, (*Sim).dequeue},
	{"reconfigure", 1, false, false, (*Sim).reconfigure},
	{"keep nodes", 1, false, false, (*Sim).keepNodes},
	{"promote", 2, false, false, (*Sim).promoteChanges},
	{"stop queues", 1, false, false, (*Sim).stopQueues},
	{"let queues go on", 2, false, false, (*Sim).releaseQueues},

	// What goes wrong by itself.
	{"crash", 1, false, true, (*Sim).crash},
	{"start rival", 1, false, true, (*Sim).startRival},
	{"stop rival", 1, false, true, (*Sim).stopRival},
	{"lose executor", 1, false, true, (*Sim).loseExecutor},
	{"cut executor off", 1, false, true, (*Sim).cutOff},
	{"executor comes back", 2, false, true, (*Sim).comeBack},
	{"clock jumps", 1, false, true, (*Sim).jump},
	{"trim inputs", 1, false, false, (*Sim).trim},
	{"new stream of inputs", 1, false, true, (*Sim).newStream},
}

// often is a move that is made up to four times at once: machines are quicker
// than people.
func often(do func(*Sim, *tenant) bool) func(*Sim, *tenant) bool {
	return func(s *Sim, t *tenant) bool {
		did := false
		for range 1 + s.rng.IntN(4) {
			did = do(s, t) || did
		}
		return did
	}
}

func drawMove(rng *rand.Rand, weights []int) *move {
	total := 0
	for _, w := range weights {
		total += w
	}
	at := rng.IntN(total)
	for i := range moves {
		if at < weights[i] {
			return &moves[i]
		}
		at -= weights[i]
	}
	panic("sim: no move was drawn")
}
