package web

// getAuthorizations tells the owner of a token what it allows, in a tenant or
// everywhere.
func (s *Server) getAuthorizations(c *call) error {
	type authorizations struct {
		Admin bool     `json:"admin"`
		Scope []string `json:"scope"`
	}
	answer := authorizations{Admin: c.user.AdminOfAll(), Scope: []string{"*"}}
	if c.tenant != "" {
		answer = authorizations{Admin: c.user.AdminOf(c.tenant), Scope: []string{string(c.tenant)}}
	}
	return c.json(map[string]authorizations{"zuul": answer})
}
