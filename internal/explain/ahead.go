package explain

import (
	"fmt"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// aheadListed is how many items in front of one are listed.
const aheadListed = 50

// ahead lists the items in front of one, nearest first.
func (n *now) ahead(it *scheduler.Item) ([]Ahead, int) {
	base := map[*scheduler.Item]bool{}
	for a := it.Ahead; a != nil; a = a.Ahead {
		base[a] = true
	}
	out := []Ahead{}
	total := it.Position() - 1
	for i := total - 1; i >= 0 && len(out) < aheadListed; i-- {
		a := it.Queue.Items[i]
		out = append(out, Ahead{
			ID: a.ID, Title: nameRefs(a.Refs), Refs: refsOf(a.Refs), Live: a.Live, Position: i + 1, Base: base[a], State: n.state(a),
		})
	}
	return out, total
}

// state is one sentence about an item in front.
func (n *now) state(it *scheduler.Item) string {
	b := it.Buildset
	switch {
	case it.Report != "":
		return "its result is being reported"
	case !it.Live:
		return "is not tested itself"
	case len(it.Failing) > 0:
		return "can't succeed: " + strings.Join(failing(it.Failing, n.failedJobs(it)), "; ")
	case !it.Active():
		return "is outside of the window"
	case b == nil || !b.Prepared:
		return "is not merged yet"
	case b.Done():
		return "has all its results"
	}
	done, running := 0, 0
	for _, r := range b.Jobs {
		switch {
		case r.Done():
			done++
		case r.Build != nil && !r.Build.StartedAt.IsZero():
			running++
		}
	}
	return fmt.Sprintf("%d of %s done, %d running", done, count(len(b.Jobs), "job"), running)
}
