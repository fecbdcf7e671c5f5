package web

// getBuildsets lists buildsets, newest first.
func (s *Server) getBuildsets(c *call) error {
	q := c.URL.Query()
	f := BuildsetFilter{
		Projects: q["project"], Pipelines: q["pipeline"], Branches: q["branch"],
		Changes: numbers(q, "change"), Patchsets: numbers(q, "patchset"),
		Refs: q["ref"], NewRevs: q["newrev"], UUIDs: q["uuid"],
		Results: results(q, "result"), ExcludeResults: results(q, "exclude_result"),
		Complete: choice(q, "complete"), Page: page(q),
	}
	list := []buildsetDoc{}
	if f.Limit == 0 { // the port takes 0 for its default
		return c.json(list)
	}
	sets, err := s.deps.History.Buildsets(c.Context(), c.tenant, f)
	if err != nil {
		return err
	}
	for _, b := range sets {
		list = append(list, buildsetOf(b))
	}
	return c.json(list)
}
