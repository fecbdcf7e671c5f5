package tenants

// Secret is a named set of values that is kept as it stands in the
// repository: encrypted parts stay encrypted.
type Secret struct {
	Name   string
	Source Source
	data   *node
}

var secretSchema = &schema[Secret]{noun: "secret", attrs: []attribute[Secret]{
	must(column("name", func(s *Secret) *string { return &s.Name }, (*decoder).word)),
	column("data", func(s *Secret) **node { return &s.data }, (*decoder).secretData),
	newerOIDCSecret(),
}}

func (d *decoder) secret(v *node) (*Secret, bool) {
	s := &Secret{Source: d.source(v)}
	if !secretSchema.decode(d, v, s) {
		return nil, false
	}
	if s.data == nil {
		if s.data = v.get("oidc"); s.data == nil {
			return nil, d.report(v, CodeMissingKey, "secret needs the attribute %q", "data")
		}
	}
	return s, true
}

// secretData checks that encrypted values are base64 text, whole or in parts.
func (d *decoder) secretData(v *node) (*node, bool) {
	if d.takes("object") {
		return v, true
	}
	if v.kind != mapNode {
		return nil, d.report(v, CodeWrongType, "the data of a secret must be a mapping, not %s", describe(v))
	}
	return v, d.encryptedParts(v)
}

func (d *decoder) encryptedParts(v *node) bool {
	if v.encrypted {
		_, ok := listOf((*decoder).text)(d, v)
		return ok
	}
	ok := true
	for _, item := range v.list {
		ok = d.encryptedParts(item) && ok
	}
	for _, p := range v.pairs {
		ok = d.encryptedParts(p.value) && ok
	}
	return ok
}
