package schedtest

import "github.com/gozer-ci/gozer/scheduler"

// managed says what the manager of the pipeline would still do to a queue.
func (n *naive) managed(q *scheduler.Queue) {
	if len(q.Items) == 0 {
		return
	}
	p := q.Pipeline.Config
	window := map[scheduler.ManagerKind]int{scheduler.Independent: 0, scheduler.Serial: 1, scheduler.Supercedent: 1}
	if want, fixed := window[p.Manager]; fixed && q.Window != want && n.s.Layout.Pipeline(p.Name) != nil {
		n.differ(q.Items[0], "its queue has window %d in a %s pipeline", q.Window, p.Manager)
	}
	if p.Manager != scheduler.Supercedent {
		return
	}
	for i, it := range q.Items {
		if i > 0 && i < len(q.Items)-1 && it.Report == "" {
			n.differ(it, "is superceded by the items behind it")
		}
	}
}
