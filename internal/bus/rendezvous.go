package bus

import (
	"crypto/sha256"
	"sync"
)

// rendezvousSize bounds how many distinct events are remembered.
const rendezvousSize = 1024

// rendezvous brings together what happened to an event, which the stream
// delivers, and who wants to know, which only the live subscription sees. Both
// see every event once, and either may be first; equal events are paired in
// order.
type rendezvous struct {
	mu     sync.Mutex
	events map[eventKey]*meeting
	order  []eventKey // of events, oldest first
}

// meeting holds what one side left for the other; one list is empty.
type meeting struct {
	waiting  []string // subjects for the answer; empty strings want none
	outcomes [][]byte
}

// eventKey identifies an event by its subject and content.
type eventKey [sha256.Size]byte

func keyOf(subject string, data []byte) eventKey {
	h := sha256.New()
	h.Write([]byte(subject))
	h.Write([]byte{0})
	h.Write(data)
	return eventKey(h.Sum(nil))
}

func newRendezvous() *rendezvous {
	return &rendezvous{events: map[eventKey]*meeting{}}
}

// ask takes the outcome when it is known, or notes who waits for it.
func (r *rendezvous) ask(k eventKey, reply string) (outcome []byte, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.meeting(k)
	if len(m.outcomes) == 0 {
		if len(m.waiting) < rendezvousSize {
			m.waiting = append(m.waiting, reply)
		}
		return nil, false
	}
	outcome, m.outcomes = m.outcomes[0], m.outcomes[1:]
	return outcome, true
}

// settle records an outcome, or takes who waits for it.
func (r *rendezvous) settle(k eventKey, outcome []byte) (reply string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.meeting(k)
	if len(m.waiting) == 0 {
		if len(m.outcomes) < rendezvousSize {
			m.outcomes = append(m.outcomes, outcome)
		}
		return "", false
	}
	reply, m.waiting = m.waiting[0], m.waiting[1:]
	return reply, true
}

// meeting returns that of k, at the price of the oldest. It is called with mu
// held.
func (r *rendezvous) meeting(k eventKey) *meeting {
	if m, ok := r.events[k]; ok {
		return m
	}
	m := &meeting{}
	r.events[k] = m
	r.order = append(r.order, k)
	if len(r.order) > rendezvousSize {
		delete(r.events, r.order[0])
		r.order = r.order[1:]
	}
	return m
}
