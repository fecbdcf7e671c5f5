package tenants

import "strings"

// StanzaNames lists the projects that a configuration file holds stanzas for,
// each once, in order; regular expressions are left out. Of a file that is not
// YAML it lists none.
func StanzaNames(data []byte) []string {
	root, _ := parseYAML(data, wideLimits)
	if root == nil {
		return nil
	}
	var names []string
	for _, item := range root.list {
		stanza := item.get("project")
		if stanza == nil {
			continue
		}
		if name := stanza.get("name"); name != nil && name.text != "" && !strings.HasPrefix(name.text, "^") {
			names = append(names, name.text)
		}
	}
	return union(nil, names)
}
