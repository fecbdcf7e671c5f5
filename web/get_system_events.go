package web

import (
	"strconv"
	"time"
)

// SystemEvent is something that happened to a tenant as a whole, or that an
// operator did.
type SystemEvent struct {
	Seq         uint64 // of its commit
	Number      int    // inside the commit
	Time        time.Time
	Type        string
	Description string
}

// SystemEventFilter selects system events; an empty type is any.
type SystemEventFilter struct {
	Type        string
	Limit, Skip int
}

type systemEventDoc struct {
	ID          string  `json:"event_id"`
	Time        *string `json:"event_time"`
	Type        string  `json:"event_type"`
	Description string  `json:"description"`
}

// getSystemEvents lists what happened to the tenant as a whole, newest first.
func (s *Server) getSystemEvents(c *call) error {
	q := c.URL.Query()
	f := SystemEventFilter{Type: q.Get("event_type"), Limit: number(q, "limit", 50), Skip: number(q, "skip", 0)}
	if f.Limit == 0 { // the port takes 0 for its default
		return c.json([]systemEventDoc{})
	}
	found, err := s.deps.History.SystemEvents(c.Context(), c.tenant, f)
	if err != nil {
		return err
	}
	docs := make([]systemEventDoc, 0, len(found))
	for _, e := range found {
		id := strconv.FormatUint(e.Seq, 10) + "-" + strconv.Itoa(e.Number)
		docs = append(docs, systemEventDoc{id, stamp(e.Time), e.Type, e.Description})
	}
	return c.json(docs)
}
