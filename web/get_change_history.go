package web

import (
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// historyDoc tells what became of a change in a tenant, and why.
type historyDoc struct {
	Change    int              `json:"change"`
	Items     []historyItemDoc `json:"items"`
	Refusals  []decisionDoc    `json:"refusals"`
	Buildsets []buildsetDoc    `json:"buildsets"`
}

type historyItemDoc struct {
	ID          scheduler.ItemID       `json:"id"`
	Pipeline    scheduler.PipelineName `json:"pipeline"`
	Refs        []refDoc               `json:"refs"`
	Cause       string                 `json:"cause"`
	EnqueueTime *string                `json:"enqueue_time"`
	DequeueTime *string                `json:"dequeue_time"`
	Result      *string                `json:"result"`
	Resets      int                    `json:"resets"`
	Decisions   []decisionDoc          `json:"decisions"`
}

type decisionDoc struct {
	Seq  uint64  `json:"seq"`
	Time *string `json:"time"`
	Kind string  `json:"kind"`
	Text string  `json:"text"`
}

// getChangeHistory lists the decisions about a change; with a patchset, only
// the items and buildsets that held that one.
func (s *Server) getChangeHistory(c *call) error {
	number, patchset, _ := strings.Cut(c.param("change"), ",")
	change, err := strconv.Atoi(number)
	if err != nil {
		return invalid("The change is not a number: %.40q", number)
	}
	only, _ := strconv.Atoi(patchset) // the contract allows digits only
	found, err := s.deps.History.Change(c.Context(), c.tenant, change)
	if err != nil {
		return err
	}
	doc := historyDoc{Change: change, Items: []historyItemDoc{}, Refusals: decisionsOf(found.Refusals), Buildsets: []buildsetDoc{}}
	for _, i := range found.Items {
		if holdsPatchset(i.Refs, change, only) {
			doc.Items = append(doc.Items, historyItemDoc{
				ID: i.UUID, Pipeline: i.Pipeline, Refs: refsOf(i.Refs), Cause: i.Cause,
				EnqueueTime: stamp(i.EnqueuedAt), DequeueTime: stamp(i.DequeuedAt),
				Result: orNull(i.Result), Resets: i.Resets, Decisions: decisionsOf(i.Decisions),
			})
		}
	}
	for _, b := range found.Buildsets {
		if holdsPatchset(b.Refs, change, only) {
			doc.Buildsets = append(doc.Buildsets, buildsetOf(b))
		}
	}
	return c.json(doc)
}

func decisionsOf(list []Decision) []decisionDoc {
	docs := make([]decisionDoc, 0, len(list))
	for _, d := range list {
		docs = append(docs, decisionDoc{d.Seq, stamp(d.Time), d.Kind, d.Text})
	}
	return docs
}

// holdsPatchset reports whether refs have that patchset of the change; 0
// stands for any.
func holdsPatchset(refs []scheduler.Ref, number, patchset int) bool {
	for _, r := range refs {
		if r.Number == number && (patchset == 0 || r.Patchset == patchset) {
			return true
		}
	}
	return false
}
