package web

// getTenantInfo is getInfo with the tenant; it answers for unknown tenants too.
func (s *Server) getTenantInfo(c *call) error {
	doc := s.infoDoc()
	doc.Info.Tenant = string(c.tenant)
	if s.lookUp(c.tenant) == nil {
		providers := false
		doc.Info.Capabilities.Auth.NIZ = &providers
	}
	return s.sendInfo(c, doc)
}
