package tenants

import "slices"

// ruleForm is an authorization rule as it is written.
type ruleForm struct {
	name       string
	conditions *node
}

var ruleSchema = &schema[ruleForm]{noun: "authorization-rule", attrs: []attribute[ruleForm]{
	must(column("name", func(r *ruleForm) *string { return &r.name }, (*decoder).word)),
	must(column("conditions", func(r *ruleForm) **node { return &r.conditions }, (*decoder).conditions)),
}}

// conditions reads a mapping of claims to values, or a list of such.
func (d *decoder) conditions(v *node) (*node, bool) {
	if d.probe != nil {
		d.probe.items = &shape{types: []string{"object", "array"}}
		d.probe.add("object")
		return v, true
	}
	ok := true
	for _, item := range items(v) {
		if item.kind == listNode {
			_, good := d.conditions(item)
			ok = ok && good
			continue
		}
		_, good := d.mapping(item)
		ok = ok && good
	}
	return v, ok
}

// roleRightsForm is a role of newer releases of Zuul.
type roleRightsForm struct{ name string }

var roleRightsSchema = &schema[roleRightsForm]{noun: "role", attrs: []attribute[roleRightsForm]{
	must(column("name", func(r *roleRightsForm) *string { return &r.name }, (*decoder).word)),
	checked[roleRightsForm]("permissions", (*decoder).mapping),
}}

// apiRootForm guards what is of no tenant.
type apiRootForm struct {
	realm string
	rules []string
}

var apiRootSchema = &schema[apiRootForm]{noun: "api-root", attrs: []attribute[apiRootForm]{
	column("authentication-realm", func(a *apiRootForm) *string { return &a.realm }, (*decoder).word),
	column("access-rules", func(a *apiRootForm) *[]string { return &a.rules }, (*decoder).words),
	idle(checked[apiRootForm]("anonymous-read-access", (*decoder).boolean), newerRead),
	idle(checked[apiRootForm]("role-mappings", (*decoder).roleMappings), newerRoles),
}}

// accessKinds are the objects of a tenant file that say who may do what.
var accessKinds = map[string]func(f *tenantFile, v *node){
	"authorization-rule": (*tenantFile).rule,
	"admin-rule":         (*tenantFile).rule,
	"role":               (*tenantFile).role,
	"api-root":           (*tenantFile).root,
}

// rule reads an authorization rule. Of two with one name the later counts, as in
// Zuul.
func (f *tenantFile) rule(v *node) {
	var r ruleForm
	if !ruleSchema.decode(f.decoder, v, &r) {
		return
	}
	f.rules = append(f.rules, r.name)
}

func (f *tenantFile) role(v *node) {
	roleRightsSchema.decode(f.decoder, v, &roleRightsForm{})
}

func (f *tenantFile) root(v *node) {
	if f.apiRoot {
		f.report(v, CodeDuplicateDefinition, "there can be one api-root only")
	}
	f.apiRoot = true
	var a apiRootForm
	if apiRootSchema.decode(f.decoder, v, &a) {
		f.rulesWanted = append(f.rulesWanted, wantedRules{v.get("access-rules"), a.rules})
	}
}

// wantedRules are names of rules, and where they stand.
type wantedRules struct {
	at    *node
	names []string
}

// checkRules tells of names that no rule has. It leaves the object in use: such
// a rule lets nobody in.
func (f *tenantFile) checkRules(at *node, names []string) {
	for _, name := range names {
		if !slices.Contains(f.rules, name) {
			f.hinted(at, CodeRuleNotFound, didYouMean(name, f.rules), "there is no authorization-rule %q", name)
		}
	}
}
