package tenants

// Attributes that releases of Zuul after the one that Gozer follows have. They
// are understood, and the warning says what they would do.

const (
	newerType     = "every job is a regular one yet; an initializer would run before all others, a reporter after the reports"
	newerPre      = "pre-run may take all of the timeout yet"
	newerProjects = "the workspace has all projects yet; it would leave some out"
	newerOIDC     = "tokens for OpenID Connect are not made yet"
	newerRoles    = "access is decided by tokens alone yet; it would map rules to roles"
	newerRead     = "everybody may read yet; false would ask for a role"
	newerDebug    = "reports do not tell yet why a change was enqueued"
)

// newer makes an attribute of a job that is checked and changes nothing.
func newer[T any](name, why string, read func(*decoder, *node) (T, bool)) jobAttr {
	a := unused(name)
	a.attribute = idle(checked[Job](name, read), why)
	return a
}

// newerJobAttrs are those of jobs.
func newerJobAttrs() []jobAttr {
	return []jobAttr{
		newer("type", newerType, oneOf("regular", "initializer", "reporter")),
		newer("pre-timeout", newerPre, (*decoder).timeout),
		newer("include-projects", newerProjects, listOf((*decoder).projectFilter)),
		newer("exclude-projects", newerProjects, listOf((*decoder).projectFilter)),
	}
}

// projectFilterForm is an entry of include-projects and exclude-projects.
type projectFilterForm struct{ kind, name string }

var projectFilterSchema = &schema[projectFilterForm]{noun: "filter of projects", attrs: []attribute[projectFilterForm]{
	column("type", func(f *projectFilterForm) *string { return &f.kind }, oneOf("name", "change", "item")),
	column("name", func(f *projectFilterForm) *string { return &f.name }, (*decoder).word),
}}

func (d *decoder) projectFilter(v *node) (f projectFilterForm, ok bool) {
	if v.kind != mapNode {
		f.name, ok = d.word(v)
		return f, ok
	}
	return f, projectFilterSchema.decode(d, v, &f)
}

// newerTenantAttrs are those of tenants.
func newerTenantAttrs() []attribute[tenantForm] {
	return []attribute[tenantForm]{
		idle(checked[tenantForm]("max-oidc-ttl", atLeast(1)), newerOIDC),
		idle(checked[tenantForm]("default-oidc-ttl", atLeast(1)), newerOIDC),
		idle(checked[tenantForm]("allowed-oidc-issuers", (*decoder).words), newerOIDC),
		idle(checked[tenantForm]("anonymous-read-access", (*decoder).boolean), newerRead),
		idle(checked[tenantForm]("role-mappings", (*decoder).roleMappings), newerRoles),
		idle(checked[tenantForm]("use-nodepool", (*decoder).boolean), "nodes come from the executor's sandbox yet, and never from Nodepool"),
	}
}

// roleMappings reads a mapping of rules to one or more roles.
func (d *decoder) roleMappings(v *node) (struct{}, bool) {
	if d.probe != nil {
		d.probe.values = d.probed(func(d *decoder, v *node) { d.words(v) })
		return struct{}{}, true
	}
	if v.kind != mapNode {
		return struct{}{}, d.report(v, CodeWrongType, "expected a mapping of rules to roles, got %s", describe(v))
	}
	ok := true
	for _, p := range v.pairs {
		_, good := d.words(p.value)
		ok = ok && good
	}
	return struct{}{}, ok
}

// newerOIDCSecret makes a secret out of a token instead of data.
func newerOIDCSecret() attribute[Secret] {
	return idle(checked[Secret]("oidc", (*decoder).mapping), newerOIDC)
}

// mapping takes any mapping.
func (d *decoder) mapping(v *node) (*node, bool) {
	if d.takes("object") {
		return v, true
	}
	if v.kind != mapNode {
		return nil, d.report(v, CodeWrongType, "expected a mapping, got %s", describe(v))
	}
	return v, true
}

// debugTrigger is an attribute of every trigger.
func debugTrigger() attribute[trigger] {
	return idle(checked[trigger]("debug", (*decoder).boolean), newerDebug)
}
