package scheduler

// recentIDs remembers the last identifiers of commands from outside. A source
// sends an event again only until it knows that it was taken, so the newest few
// thousand are enough to recognise every repetition.
type recentIDs struct {
	order []EventID // ring, oldest at next
	next  int
	set   map[EventID]bool
}

const recentCommands = 4096

func (r *recentIDs) has(id EventID) bool { return r.set[id] }

func (r *recentIDs) add(id EventID) {
	if id == "" || r.set[id] {
		return
	}
	if r.set == nil {
		r.set = make(map[EventID]bool)
	}
	if len(r.order) < recentCommands {
		r.order = append(r.order, id)
	} else {
		delete(r.set, r.order[r.next])
		r.order[r.next] = id
		r.next = (r.next + 1) % recentCommands
	}
	r.set[id] = true
}

// list returns the identifiers, oldest first.
func (r *recentIDs) list() []EventID {
	out := make([]EventID, 0, len(r.order))
	out = append(out, r.order[r.next:]...)
	return append(out, r.order[:r.next]...)
}
