package web

// getBuilds lists builds, newest first.
func (s *Server) getBuilds(c *call) error {
	q := c.URL.Query()
	f := BuildFilter{
		Projects: q["project"], Pipelines: q["pipeline"], Branches: q["branch"], Jobs: q["job_name"],
		Changes: numbers(q, "change"), Patchsets: numbers(q, "patchset"),
		Refs: q["ref"], NewRevs: q["newrev"], UUIDs: q["uuid"], Nodesets: q["nodeset"],
		Voting: truths(q, "voting"), Held: truths(q, "held"),
		Results: results(q, "result"), ExcludeResults: results(q, "exclude_result"),
		Final: choice(q, "final"), Complete: choice(q, "complete"), Page: page(q),
	}
	list := []buildDoc{}
	if f.Limit == 0 { // the port takes 0 for its default
		return c.json(list)
	}
	builds, err := s.deps.History.Builds(c.Context(), c.tenant, f)
	if err != nil {
		return err
	}
	for _, b := range builds {
		list = append(list, buildOf(b))
	}
	return c.json(list)
}
