package web

// getStatusChange lists the items that hold a change, in every pipeline.
func (s *Server) getStatusChange(c *call) error {
	sn, err := s.snapshotAsked(c)
	if err != nil {
		return err
	}
	sn.describe(c.w.Header())
	return c.json(sn.itemsOf(c.param("change")))
}

// itemsOf finds the items with a ref called id.
func (sn *snapshot) itemsOf(id string) []*statusItem {
	found := []*statusItem{}
	for _, p := range sn.doc.Pipelines {
		for _, q := range p.ChangeQueues {
			for _, head := range q.Heads {
				for _, item := range head {
					if item.holds(id) {
						found = append(found, item)
					}
				}
			}
		}
	}
	return found
}

func (i *statusItem) holds(id string) bool {
	for _, ref := range i.Refs {
		if ref.ID != nil && *ref.ID == id {
			return true
		}
	}
	return false
}
